"""The pipeline of Street View blurring: photos → read → boxes → one a thing → second look → served → graded."""

from __future__ import annotations

import numpy as np

from core.cases.street_view_blurring import boxes as b
from core.cases.street_view_blurring.boxes import Found
from core.cases.street_view_blurring.design import SKIPS
from core.cases.street_view_blurring.detectors import DETECTORS, Model, vision
from core.cases.street_view_blurring.learn import Learned, Verifier, passing, probability, refitted
from core.cases.street_view_blurring.paint import KINDS
from core.cases.street_view_blurring.world import PHOTO_PX, Photos
from core.contract.case import Estimate, estimate
from core.stages.index import BuiltIndex, build_index, search
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

MOST_BOXES = 40  # a photo, best first
UNLIKELY = 0.02  # less likely boxes are dropped at once
BUDGET = 0.5  # false blurs a photo that the recall of the charts is taken at
SMALL_PX, LARGE_PX = 24.0, 44.0  # root of the area, on the photo as stored
OVERLAP = 0.2  # of a tile's side, that it shares with its neighbour
DESCRIPTOR_PX = 14
NEIGHBOURS = 24


def truth_of(photos: Photos) -> Found:
    """What is really in the photos."""
    return Found(photos.of, photos.kind, photos.box, np.ones(len(photos.of), np.float32))


# Reading.


def corners(tiles: int) -> list[tuple[int, int]]:
    """Where each tile of a photo begins, (x, y) in its pixels, and so that the last ends where the photo does."""
    step = PHOTO_PX - tile_side(tiles)
    return [(x, y) for y in (0, step) for x in (0, step)] if tiles == 4 else [(0, 0)]


def tile_side(tiles: int) -> int:
    """Side of a tile in pixels of the photo: two of them with their overlap make the photo."""
    return PHOTO_PX if tiles == 1 else round(PHOTO_PX / (2 - OVERLAP))


def read_one(photo: np.ndarray, px: int, tiles: int) -> np.ndarray:
    """The tiles uint8 (tiles, px, px) of one photo, reduced."""
    cv2, side = vision(), tile_side(tiles)
    parts = [photo[y : y + side, x : x + side] for x, y in corners(tiles)]
    way = cv2.INTER_AREA if px <= side else cv2.INTER_LINEAR
    return np.stack([cv2.resize(part, (px, px), interpolation=way) for part in parts])


def read(photos: Photos, px: int, tiles: int) -> np.ndarray:
    """All photos as they are searched, uint8 (n · tiles, px, px)."""
    return np.concatenate([read_one(photo, px, tiles) for photo in photos.pixels])


# Detecting.


def load_model(name: str, precision: str) -> Model:
    """A detector ready to use. Raises DataError where its file is amiss."""
    return DETECTORS[name].load(precision)


def detect(model: Model, stack: np.ndarray, name: str, tiles: int) -> Found:
    """Every box the detector thinks of, in pixels of the photos; one tile at a time, as each request would."""
    parts = [on_photo(DETECTORS[name].detect(model.use, stack[i : i + 1]), i, stack.shape[1], tiles)
             for i in range(len(stack))]  # fmt: skip
    return b.joined(*parts)


def on_photo(found: Found, first: int, px: int, tiles: int) -> Found:
    """Boxes of tiles, the first of which is row `first`, as boxes of their photos."""
    tile = found.of + first
    start = np.array(corners(tiles), np.float32)[tile % tiles]
    box = found.box * np.float32(tile_side(tiles) / px) + np.tile(start, 2)
    return Found(tile // tiles, found.kind, box, found.score)


def pick(*found: Found, faces: int, plates: int) -> Found:
    """Faces from one detector's boxes and plates from another's, given as places in `found`."""
    parts = (found[at].rows(found[at].kind == kind) for kind, at in enumerate((faces, plates)))
    return b.joined(*parts)


def weigh(found: Found, learned: Learned) -> Found:
    """Boxes as the ground truth draws them, with how likely each is right."""
    score = probability(found, learned)
    likely = np.flatnonzero(score >= UNLIKELY)
    kept = found.rows(likely)
    return Found(kept.of, kept.kind, b.sixteenths(refitted(kept, learned), PHOTO_PX), score[likely])


def one_a_thing(found: Found, iou: float) -> Found:
    """Boxes without doubles, at most MOST_BOXES a photo."""
    kept = b.suppress(found, iou)
    order = np.lexsort((-kept.score, kept.of))
    if len(order) > MOST_BOXES:
        place = np.arange(len(order)) - np.searchsorted(kept.of[order], kept.of[order])
        order = order[place < MOST_BOXES]
    return kept.rows(order)


def look_again(found: Found, verifier: Verifier, photos: Photos, level: str) -> Found:
    """The boxes that a second look lets pass."""
    return found.rows(passing(verifier, photos.pixels, found, level))


# Photos that repeat an earlier one.


def describe_one(photo: np.ndarray) -> np.ndarray:
    """A photo as a unit vector (d,): what is light and what is dark, coarsely."""
    cv2 = vision()
    small = cv2.resize(photo, (DESCRIPTOR_PX, DESCRIPTOR_PX), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    return small / max(float(np.linalg.norm(small)), 1e-6)


def describe(photos: Photos) -> np.ndarray:
    """The vectors (n, d) of all photos."""
    return np.stack([describe_one(photo) for photo in photos.pixels])


def index_photos(vectors: np.ndarray, seed: int) -> BuiltIndex:
    """The index over photos. Flat: of a day's drive it is asked only about the last few."""
    return build_index(vectors, kind="flat", seed=seed)


def sources(index: BuiltIndex, vectors: np.ndarray, level: str) -> np.ndarray:
    """The earlier photo (n,) that each takes its boxes from; its own row where it is searched itself."""
    near = search(index, vectors, k=min(NEIGHBOURS, len(vectors)))
    taken = np.arange(len(vectors))
    for i, (ids, scores) in enumerate(zip(near.ids, near.scores, strict=True)):
        alike = [j for j, score in zip(ids, scores, strict=True) if 0 <= j < i and score >= SKIPS[level]]
        searched = [j for j in alike if taken[j] == j]
        taken[i] = searched[0] if searched else i
    return taken


def own(photos: Photos) -> np.ndarray:
    """Where nothing is skipped each photo (n,) has its own boxes."""
    return np.arange(len(photos.pixels))


def copied(found: Found, taken: np.ndarray) -> Found:
    """What each photo (n,) shows: its own boxes, or those of the photo it repeats."""
    rows = [np.flatnonzero(found.of == source) for source in taken]
    of = np.repeat(np.arange(len(taken)), [len(each) for each in rows])
    boxes = found.rows(np.concatenate(rows).astype(np.int64))
    return Found(of, boxes.kind, boxes.box, boxes.score)


# Serving.


def as_of(found: Found, photos: Photos, unseen: float) -> Found:
    """What a backlog run could know that ended before the newest `unseen` share of the photos came."""
    return found.rows(photos.age[found.of] >= unseen)


def precompute(found: Found, photos: Photos, unseen: float, name: str) -> SnapshotReader:
    """The backlog run: the boxes of every photo that was there, in a store read by photo."""
    known = np.flatnonzero(photos.age >= unseen)
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: _table(found, known))


def _table(found: Found, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Keys (n,), boxes as whole numbers (n, MOST_BOXES) and their scores, -1 and 0 past the last."""
    numbers = np.full((len(known), MOST_BOXES), -1, np.int64)
    scores = np.zeros((len(known), MOST_BOXES), np.float32)
    packed = b.packed(found)
    for at, photo in enumerate(known):
        rows = np.flatnonzero(found.of == photo)
        numbers[at, : len(rows)], scores[at, : len(rows)] = packed[rows], found.score[rows]
    return known, numbers, scores


def from_store(reader: SnapshotReader, photos: Photos) -> Found:
    """Backlog serving: the stored boxes; none for a photo newer than the run, which is then shown as it is."""
    parts = [_stored(reader, photo) for photo in range(len(photos.pixels))]
    return b.joined(*parts)


def _stored(reader: SnapshotReader, photo: int) -> Found:
    numbers = reader.get(photo)
    if numbers is None:
        return b.found([], 0, [], [])
    there = numbers >= 0
    return b.unpacked(np.full(there.sum(), photo), numbers[there], reader.get_scores(photo)[there])


def from_store_or_detect(reader: SnapshotReader, photos: Photos, now: Found) -> Found:
    """Both: the store where it knows the photo, a search on upload where it does not."""
    parts = [now.rows(now.of == photo) if reader.get(photo) is None else _stored(reader, photo)
             for photo in range(len(photos.pixels))]  # fmt: skip
    return b.joined(*parts)


# Grading.


def grade(served: Found, photos: Photos, threshold: float, seed: int) -> dict[str, Estimate]:
    """Every quality: recall by object, false blurs and average precision by photo."""
    truth, n = truth_of(photos), len(photos.pixels)
    hit = b.match(served, truth, 0.5)
    blurred = served.score >= threshold
    found_at = hit_scores(served, hit, len(truth))
    small = np.sqrt((photos.box[:, 2:] - photos.box[:, :2]).prod(axis=1)) < SMALL_PX
    kinds, tight = tuple(range(len(KINDS))), b.match(served, truth, 0.75) >= 0
    graded = {
        "recall_budget": found_at > budget_threshold(served, hit, n),
        "ap50": b.jackknifed(served, hit >= 0, truth, kinds, n),
        "ap75": b.jackknifed(served, tight, truth, kinds, n),
        "recall": found_at >= threshold,
        "false_blurs": np.bincount(served.of[blurred & (hit < 0)], minlength=n),
        **({"recall_small": found_at[small] >= threshold} if small.sum() > 1 else {}),
    }
    return {key: estimate(values.astype(np.float64), seed) for key, values in graded.items()}


def hit_scores(served: Found, hit: np.ndarray, n_objects: int) -> np.ndarray:
    """The score (n_objects,) of the box that hits each object, -1 where none does."""
    scores = np.full(n_objects, -1.0)
    scores[hit[hit >= 0]] = served.score[hit >= 0]
    return scores


def budget_threshold(served: Found, hit: np.ndarray, n_photos: int) -> float:
    """The score above which there are no more false boxes than the budget allows."""
    wrong = np.sort(served.score[hit < 0])[::-1]
    allowed = int(BUDGET * n_photos)
    return float(wrong[allowed]) if len(wrong) > allowed else 0.0
