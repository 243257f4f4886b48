"""What Street View blurring teaches: each sentence a reader is told, with the runs that say whether it holds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.cases.street_view_blurring import boxes as b
from core.cases.street_view_blurring import pipeline as p
from core.cases.street_view_blurring.boxes import Found
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.hog import BINS, CELL
from core.cases.street_view_blurring.learn import looks
from core.cases.street_view_blurring.paint import KINDS
from core.cases.street_view_blurring.run import run, stages
from core.cases.street_view_blurring.showing import best_threshold
from core.cases.street_view_blurring.world import N_TEST
from core.contract.check import Check, Verdict
from core.contract.design import knobs
from core.metrics import PairedDifference, paired_difference

DEFAULT = StreetViewBlurring()
BACKLOG = replace(DEFAULT, serving="batch", arrivals=0.0)  # where slow detectors and fine reading are on offer
THRESHOLDS = knobs(StreetViewBlurring)["threshold"].options
N_WORLDS = 5
PRICES = (1, 2, 5, 10, 20, 50, 100, 500)


def value(design: StreetViewBlurring, seed: int, key: str = "ap50") -> float:
    return run(design, seed).quality[key].value


def gain(one: StreetViewBlurring, other: StreetViewBlurring, seed: int, key: str = "ap50") -> PairedDifference:
    """What `other` has over `one`, by the paired test over the same photos or objects."""
    now, was = (run(design, seed).quality[key].per_query for design in (other, one))
    return paired_difference(now, was, seed)


def told(difference: PairedDifference) -> str:
    return f"{difference.mean:+.3f} ({difference.low:+.3f} to {difference.high:+.3f})"


def served(design: StreetViewBlurring, seed: int) -> tuple[Found, np.ndarray, int]:
    """The boxes that are served, what each hits, and the number of objects."""
    s = stages(design, seed)
    found, truth = s["served"].value, p.truth_of(s["photos"].value)
    return found, b.match(found, truth, 0.5), len(truth)


def precision(design: StreetViewBlurring, seed: int) -> float:
    """Share of the blurred boxes that hit something."""
    found, hit, _ = served(design, seed)
    return float((hit[found.score >= design.threshold] >= 0).mean())


def lower_thresholds_never_miss_more(seed: int) -> Verdict:
    """The recall that is served at each threshold on offer: on upload, after a second look, and from the store."""
    ways = dict(plain={}, checked=dict(verify="strict"), stored=dict(serving="batch"))
    fine, said = True, []
    for name, way in ways.items():
        designs = [replace(DEFAULT, threshold=t, **way) for t in THRESHOLDS]
        hits = [stages(each, seed)["quality"].value["recall"].per_query for each in designs]
        fine = fine and all((more >= fewer).all() for more, fewer in pairwise(hits))
        said.append(f"{name} {hits[0].mean():.3f} to {hits[-1].mean():.3f}")
    return Verdict(bool(fine), f"recall from .05 to .9: {', '.join(said)}; no object found by a higher threshold alone")


def lower_thresholds_blur_for_nothing(seed: int) -> Verdict:
    found = [precision(replace(DEFAULT, threshold=t), seed) for t in (0.1, 0.3, 0.5, 0.8)]
    return Verdict(
        bool((np.diff(found) > 0).all()), f"precision {', '.join(f'{v:.3f}' for v in found)} at .1, .3, .5, .8"
    )


def closer_fits_are_rarer(seed: int) -> Verdict:
    designs = [DEFAULT, replace(DEFAULT, faces="hog", plates="hog"), replace(BACKLOG, faces="centerface")]
    pairs = [[value(design, seed, key) for key in ("ap50", "ap75")] for design in designs]
    return Verdict(all(tight <= half for half, tight in pairs), "; ".join(f"{h:.3f} and {t:.3f}" for h, t in pairs))


def nms_curve(crowd: float, seed: int) -> list[float]:
    """Average precision at a low, a middling and a high overlap, CenterFace reading at full size."""
    crowded = replace(BACKLOG, faces="centerface", px=192, crowd=crowd, repeats=0.0)
    return [faces_ap(replace(crowded, nms=iou), seed) for iou in (0.1, 0.5, 0.8)]


def faces_ap(design: StreetViewBlurring, seed: int) -> float:
    found, hit, _ = served(design, seed)
    faces = found.kind == 0
    n = int((stages(design, seed)["photos"].value.kind == 0).sum())
    return b.average_precision(found.score[faces], hit[faces] >= 0, n)


def middling_overlap_is_best(seed: int) -> Verdict:
    low, middle, high = nms_curve(1.0, seed)
    return Verdict(low + 0.02 < middle > high, f"AP of faces {low:.3f} at .1, {middle:.3f} at .5, {high:.3f} at .8")


def apart_nothing_is_merged(seed: int) -> Verdict:
    low, middle, _ = nms_curve(0.0, seed)
    return Verdict(low >= middle - 0.005, f"AP of faces {low:.3f} at .1, {middle:.3f} at .5")


def neighbours_are_merged(seed: int) -> Verdict:
    crowded = replace(DEFAULT, crowd=1.0, repeats=0.0)
    lost = gain(replace(crowded, nms=0.4), replace(crowded, nms=0.1), seed, "recall")
    return Verdict(lost.high < 0, f"recall {told(lost)} from .4 to .1")


def doubles_are_left(seed: int) -> Verdict:
    more = gain(replace(DEFAULT, nms=0.4), replace(DEFAULT, nms=0.8), seed, "false_blurs")
    return Verdict(more.low > 0, f"false blurs a photo {told(more)} from .4 to .8")


def finer_sees_small_things(seed: int) -> Verdict:
    more = gain(replace(DEFAULT, px=64), replace(DEFAULT, px=128), seed, "recall_small")
    return Verdict(more.low > 0, f"recall of small things {told(more)} from 64 to 128 pixels")


def finer_is_four_times_the_work(seed: int) -> Verdict:
    """Pixels that were really handed to the detectors, against what the figures say."""
    designs = [replace(DEFAULT, px=px, tiles=tiles) for px, tiles in ((64, 1), (128, 1), (64, 4))]
    read = [stages(each, seed)["stack"].value.size / N_TEST for each in designs]
    said = [run(each, seed).counts["pixels searched"] for each in designs]
    return Verdict(
        read == said and read[1] == read[2] == 4 * read[0], f"{read[0]:,.0f} and {read[1]:,.0f} pixels a photo"
    )


def tiles_see_more_for_more_work(seed: int) -> Verdict:
    whole, tiled = replace(DEFAULT, px=64), replace(DEFAULT, px=64, tiles=4)
    more = gain(whole, tiled, seed, "recall_small")
    work = [run(design, seed).counts["pixels searched"] for design in (whole, tiled)]
    return Verdict(
        more.low > 0 and work[1] == 4 * work[0], f"recall of small things {told(more)}; {work[1] / work[0]:.0f} × work"
    )


def tiles_waste_their_overlap(seed: int) -> Verdict:
    whole, tiled = (run(replace(DEFAULT, px=px, tiles=t), seed) for px, t in ((128, 1), (64, 4)))
    same = whole.counts["pixels searched"] == tiled.counts["pixels searched"]
    finer = [128 / p.tile_side(1), 64 / p.tile_side(4)]
    return Verdict(
        same and finer[1] < finer[0],
        f"{finer[0]:.2f} pixels read for one of the photo when whole, {finer[1]:.2f} in tiles, for the same work; "
        f"AP {whole.quality['ap50'].value:.3f} and {tiled.quality['ap50'].value:.3f}",
    )


def a_second_look_only_takes_away(seed: int) -> Verdict:
    s = stages(replace(DEFAULT, verify="strict"), seed)
    first, second = s["single"].value, s["looked"].value
    before, after = ({(*row, kind) for row, kind in zip(np.c_[f.of, f.box].tolist(), f.kind.tolist(), strict=True)}
                     for f in (first, second))  # fmt: skip
    recall = [value(replace(DEFAULT, verify=v), seed, "recall") for v in ("off", "lenient", "strict")]
    alone = second_stage_recall(seed)
    fine = after <= before and recall[0] >= recall[1] >= recall[2] and alone >= recall[2]
    return Verdict(
        fine,
        f"recall {recall[0]:.3f} without, {recall[1]:.3f} lenient, {recall[2]:.3f} strict; {alone:.3f} if the first "
        "stage let all its boxes through",
    )


def second_stage_recall(seed: int) -> float:
    """The recall of a strict second look at every box that the first stage thinks of."""
    found, hit, n = served(replace(DEFAULT, verify="strict"), seed)
    return float((p.hit_scores(found, hit, n) >= 0).mean())


def a_second_look_costs_what_passes(seed: int) -> Verdict:
    """Pixels a photo: what the first stage reads, and what the windows hold that the second stage was given."""
    fine, said = True, []
    for threshold in (0.1, 0.6):
        design = replace(DEFAULT, verify="strict", threshold=threshold)
        s, counts = stages(design, seed), run(design, seed).counts
        single, photos = s["single"].value, s["photos"].value
        over = single.rows(single.score >= threshold)
        seen = [looks(photos.pixels, over.rows(over.kind == kind)) for kind in range(len(KINDS))]
        again = sum(each.size for each in seen) / BINS * CELL**2 / N_TEST
        fine = fine and counts["pixels looked at again"] == again and counts["pixels searched"] == design.px**2
        said.append(f"{counts['pixels searched']:,.0f} and {again:,.0f} pixels a photo from {threshold}")
    return Verdict(fine, "; ".join(said))


def a_second_look_removes_false_boxes(seed: int) -> Verdict:
    low = replace(DEFAULT, threshold=0.1)
    fewer = gain(low, replace(low, verify="strict"), seed, "false_blurs")
    shares = [precision(each, seed) for each in (low, replace(low, verify="strict"))]
    return Verdict(
        fewer.high < 0 and shares[1] > shares[0],
        f"false blurs a photo {told(fewer)}; precision {shares[0]:.3f} → {shares[1]:.3f}",
    )


def pooled(one: StreetViewBlurring, other: StreetViewBlurring, seed: int, key: str) -> PairedDifference:
    """As `gain` without the clocks, over N_WORLDS seeds, the reader's own first: a hundred photos tell too little."""
    now, was = (
        np.concatenate([stages(design, seed + i)["quality"].value[key].per_query for i in range(N_WORLDS)])
        for design in (other, one)
    )
    return paired_difference(now, was, seed)


def more_photos_refuse_fewer(seed: int) -> Verdict:
    """A strict second look that learnt from 15, from 30 and from all 60 photos."""
    all_ = replace(DEFAULT, verify="strict")
    few, half = (replace(all_, learnt_from=share) for share in (0.25, 0.5))
    recall, precise = (pooled(few, all_, seed, key) for key in ("recall", "ap50"))
    last = pooled(half, all_, seed, "recall")
    numbers = f"recall {told(recall)} from four times the photos, of which the last doubling {told(last)}"
    return Verdict(recall.low > 0 and precise.low > 0, f"{numbers}; AP {told(precise)}")


def dear_misses_lower_the_threshold(seed: int) -> Verdict:
    curve = run(DEFAULT, seed).shown.curve
    best = [float(curve.thresholds[best_threshold(curve, price)]) for price in PRICES]
    fine = (np.diff(best) <= 0).all() and best[-1] < best[0]
    return Verdict(bool(fine), ", ".join(f"{t:.2f} at {price}×" for t, price in zip(best, PRICES, strict=True)))


def batches_serve_more(seed: int) -> Verdict:
    batches = run(replace(DEFAULT, px=64, batch=16), seed).batches_ms
    rate = {size: size / ms for size, ms in batches.items()}
    first, then = rate[4] / rate[1], rate[16] / rate[4]
    return Verdict(
        rate[16] > 1.1 * rate[1] and then < first,
        f"{first:.2f} × the photos a second from 1 to 4, {then:.2f} × from 4 to 16",
    )


def eight_bits(faces: str = "centerface") -> tuple[StreetViewBlurring, StreetViewBlurring]:
    wide = replace(BACKLOG, faces=faces, px=192)
    return wide, replace(wide, precision="int8")


def eight_bits_are_smaller(seed: int) -> Verdict:
    wide, narrow = ({name: s.value.nbytes for name, s in stages(d, seed).items() if name.startswith("model")}
                    for d in eight_bits())  # fmt: skip
    ratio = sum(wide.values()) / sum(narrow.values())
    return Verdict(3 < ratio < 4.2, f"{sum(wide.values()):,} and {sum(narrow.values()):,} bytes, {ratio:.2f} × less")


def eight_bits_lose_a_little(seed: int) -> Verdict:
    lost = gain(*eight_bits(), seed)
    return Verdict(-0.1 < lost.mean < 0, f"AP {told(lost)}")


def eight_bits_lose_small_things(seed: int) -> Verdict:
    small, all_ = (gain(*eight_bits(), seed, key).mean for key in ("recall_small", "recall"))
    return Verdict(small < all_ <= 0.005, f"recall of small things {small:+.3f}, of all {all_:+.3f}")


def standing(repeats: float, skip: str) -> StreetViewBlurring:
    return replace(DEFAULT, repeats=repeats, skip=skip)


def skipping_saves_work(seed: int) -> Verdict:
    """Each photo's boxes against those of a search of it, or of the earlier photo that it is said to repeat."""
    s, counts = stages(standing(0.6, "loose"), seed), run(standing(0.6, "loose"), seed).counts
    taken, n = s["taken"].value, N_TEST
    searched = (taken == np.arange(n)).mean()
    whole, served_ = s["looked"].value, s["boxes"].value
    same = [
        np.array_equal(served_.box[served_.of == i], whole.box[whole.of == source]) for i, source in enumerate(taken)
    ]
    earlier = (taken <= np.arange(n)).all() and (taken[taken] == taken).all()
    exact = counts["photos searched"] == searched and counts["pixels searched"] == searched * DEFAULT.px**2
    said = f"{searched:.1%} of the photos searched, {np.mean(same):.0%} have their own boxes or an earlier photo's"
    return Verdict(bool(all(same) and earlier and exact and searched < 0.7), said)


def skipping_misses_newcomers(seed: int) -> Verdict:
    lost = gain(standing(0.6, "off"), standing(0.6, "loose"), seed, "recall")
    return Verdict(lost.high < 0, f"recall {told(lost)}")


def nothing_repeats(seed: int) -> Verdict:
    searched = run(standing(0.0, "strict"), seed).counts["photos searched"]
    same = gain(standing(0.0, "off"), standing(0.0, "strict"), seed, "recall")
    return Verdict(searched > 0.97 and same.high >= 0, f"{searched:.1%} searched, recall {same.mean:+.3f}")


def stale(arrivals: float, refresh_h: int) -> StreetViewBlurring:
    return replace(DEFAULT, serving="batch", arrivals=arrivals, refresh_h=refresh_h)


def old_runs_leave_photos_open(seed: int) -> Verdict:
    lost = gain(stale(0.2, 6), stale(0.2, 168), seed, "recall")
    return Verdict(lost.high < 0, f"recall {told(lost)} from every 6 hours to every week")


def nothing_new_nothing_open(seed: int) -> Verdict:
    lost = gain(stale(0.0, 6), stale(0.0, 168), seed, "recall")
    return Verdict(lost.mean == 0, f"recall {lost.mean:+.3f} from every 6 hours to every week")


def a_stored_box_is_a_fresh_box(seed: int) -> Verdict:
    fresh, stored = (run(replace(DEFAULT, arrivals=0.0, serving=s), seed).quality for s in ("online", "batch"))
    same = all((fresh[key].per_query == stored[key].per_query).all() for key in fresh)
    return Verdict(same, f"AP {fresh['ap50'].value:.4f} and {stored['ap50'].value:.4f}, every photo the same")


def night_hides(seed: int) -> Verdict:
    day, night = (run(replace(DEFAULT, light=light), seed).quality["ap50"] for light in ("day", "night"))
    return Verdict(night.high < day.low, f"AP {day.value:.3f} by day, {night.value:.3f} by night")


def large_things_need_no_pixels(seed: int) -> Verdict:
    small, large = (
        value(replace(DEFAULT, object_size=size, px=128), seed) - value(replace(DEFAULT, object_size=size, px=64), seed)
        for size in ("small", "large")
    )
    said = f"AP from 64 to 128 pixels: {small:+.3f} where all is small, {large:+.3f} where all is large"
    return Verdict(small > large + 0.1, said)


def taught_here_against_elsewhere(seed: int) -> Verdict:
    taught, elsewhere = (faces_ap(replace(BACKLOG, faces=f), seed) for f in ("streetnet", "centerface"))
    full = faces_ap(eight_bits()[0], seed)
    return Verdict(
        taught > elsewhere + 0.1 and full > taught - 0.05,
        f"AP of faces at 96 pixels {taught:.3f} taught here, {elsewhere:.3f} elsewhere; that one at 192 {full:.3f}",
    )


CHECKS = (
    Check("B1", "A lower threshold never finds less.", "INV", lower_thresholds_never_miss_more),
    Check("B1b", "A lower threshold blurs more for nothing.", "DIR", lower_thresholds_blur_for_nothing),
    Check("B2", "A stricter overlap never counts more boxes as right.", "INV", closer_fits_are_rarer),
    Check("B3", "In a crowd neither a low nor a high overlap for doubles is best.", "DIR", middling_overlap_is_best),
    Check("B3-flip", "Where nobody stands near another, a low overlap costs nothing.", "FLIP", apart_nothing_is_merged),
    Check("B3b", "In a crowd a low overlap merges neighbours, and one stays open.", "DIR", neighbours_are_merged),
    Check("B3c", "A high overlap leaves doubles, which are blurred for nothing.", "DIR", doubles_are_left),
    Check("B4", "Reading twice as finely finds more of what is small.", "DIR", finer_sees_small_things),
    Check("B4b", "Reading twice as finely is exactly four times the work.", "INV", finer_is_four_times_the_work),
    Check("B4c", "Four tiles find more small things for four times the work.", "DIR", tiles_see_more_for_more_work),
    Check("B4d", "For the same work tiles read less finely: they share a margin.", "INV", tiles_waste_their_overlap),
    Check("B4-flip", "Where all is large, finer reading buys far less.", "FLIP", large_things_need_no_pixels),
    Check("B5", "A second look finds nothing that the first missed.", "INV", a_second_look_only_takes_away),
    Check(
        "B5b",
        "Two stages cost the first, and a second look at each box over the threshold.",
        "INV",
        a_second_look_costs_what_passes,
    ),
    Check("B5c", "At a low threshold a second look removes false blurs.", "DIR", a_second_look_removes_false_boxes),
    Check(
        "B5d",
        "A second look that learnt from four times the photos refuses fewer faces and plates; average precision rises.",
        "DIR",
        more_photos_refuse_fewer,
    ),
    Check("B6", "The dearer a miss, the lower the best threshold.", "INV", dear_misses_lower_the_threshold),
    Check("B7", "A few photos together go faster than one by one; many gain little more.", "DIR", batches_serve_more),
    Check("B8", "Numbers of 8 bits take less than a third of the memory.", "INV", eight_bits_are_smaller),
    Check("B8b", "Numbers of 8 bits cost a little average precision.", "DIR", eight_bits_lose_a_little),
    Check("B8c", "What 8 bits lose is small things first.", "DIR", eight_bits_lose_small_things),
    Check("S1", "Skipping repeats saves exactly the photos skipped.", "INV", skipping_saves_work),
    Check("S1b", "Skipping loosely misses who walked in meanwhile.", "DIR", skipping_misses_newcomers),
    Check("S1-flip", "Where the car never stands still there is nothing to skip.", "FLIP", nothing_repeats),
    Check(
        "G12", "With new photos every day, an older backlog run leaves more open.", "DIR", old_runs_leave_photos_open
    ),
    Check("G12-flip", "Where no photos arrive, the age of a run costs nothing.", "FLIP", nothing_new_nothing_open),
    Check("G12b", "Of a photo that the run knew, stored boxes equal fresh ones.", "INV", a_stored_box_is_a_fresh_box),
    Check("L1", "What is found by day is missed by night.", "DIR", night_hides),
    Check(
        "L2",
        "A small network taught on such photos beats a large one taught elsewhere, which comes near by reading finely.",
        "DIR",
        taught_here_against_elsewhere,
    ),
)
