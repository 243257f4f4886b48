"""From frames to the space of texts: what a frame shows is recognised, then said in the text encoder's numbers.

Both steps are closed form and learn from one artist's drawings, photographed six times each; the clips are another's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.video_search.data.clips import NOISES, SHIFT, ZOOM, canvas_of, photographed, render, sampled, with_noise
from core.cases.video_search.data.videos import Cast, Videos
from core.stages.contrastive import unit
from core.stages.embed import encode_hog, fit_hog

PHOTOGRAPHED = 6  # training frames of each thing
SEEN = 64  # numbers that recognise a frame; 128 recognise no better
SHRUNK = 3.0  # part of the mean variance added to every direction: the axes then do not chase chance differences
SHARPNESS = 8.0  # of the kernel exp(sharpness (cosine - 1)); 5 to 12 differ by a hundredth of MRR
RIDGE = 0.1
CHUNK = 500  # frames at a time: 1.5 MB of pixels, 2 MB of kernel values


@dataclass(frozen=True)
class Viewer:
    """How a frame becomes 64 numbers, and where the things it was taught lie among them."""

    means: tuple[np.ndarray, ...]  # of the parts of the frame descriptor
    mean: np.ndarray  # (width,)
    axes: np.ndarray  # (width, 64)
    taught: np.ndarray  # (n_taught, 64) of unit length
    things: np.ndarray  # (n_taught,) rows of the cast, rising: all of it, or the sample that was learnt from


@dataclass(frozen=True)
class SeenClips:
    """Recognised frames (n, count, 64) of each clip, of unit length, and which of them there are (n, count)."""

    frames: np.ndarray
    there: np.ndarray
    place: np.ndarray  # (n, count): how far through its clip a frame comes, 0 to 1


@dataclass(frozen=True)
class Speaker:
    """Kernel ridge regression from recognised frames to caption vectors: coefficients (n_taught, width), centred."""

    coefficients: np.ndarray
    mean: np.ndarray  # (width,): of the captions; queries are centred by it too


def taught_things(n: int, share: float, seed: int) -> np.ndarray:
    """Rows (m,), rising, of a uniform share of n things, at least one; a smaller share lies within a larger."""
    return np.sort(np.random.default_rng([seed, 3]).permutation(n)[: int(np.ceil(share * n))])


def train_viewer(cast: Cast, seed: int, learnt_from: float = 1.0) -> Viewer:
    """Linear discriminant axes (Fisher 1936, shrunk) of photographed drawings: far apart by thing, close within it.

    Of the drawings a `learnt_from` share is seen, each photographed as it is where all are.
    """
    from scipy.linalg import eigh  # a tenth of a second of every start, for a model that is fitted when asked

    rng, n = np.random.default_rng([seed, 2]), len(cast.words)
    shift, scale = rng.uniform(-SHIFT, SHIFT, (PHOTOGRAPHED * n, 2)), rng.uniform(1 - ZOOM, 1 + ZOOM, PHOTOGRAPHED * n)
    noise, canvas = rng.integers(NOISES, size=PHOTOGRAPHED * n), canvas_of(cast.taught)
    things = taught_things(n, learnt_from, seed)
    photo = np.arange(PHOTOGRAPHED * n).reshape(PHOTOGRAPHED, n)[:, things].ravel()
    means = fit_hog(_halved(cast.taught[things]), things, seed)
    seen = np.concatenate([
        encode_hog(means, _halved(with_noise(photographed(canvas, p % n, shift[p], scale[p]), noise[p])))
        for p in (photo[part] for part in _chunks(len(photo)))
    ])  # fmt: skip
    centres = seen.reshape(PHOTOGRAPHED, len(things), -1).mean(axis=0)
    mean = centres.mean(axis=0)
    apart = (seen.reshape(PHOTOGRAPHED, len(things), -1) - centres).reshape(seen.shape)
    within, between = (rows.T @ rows for rows in (apart, centres - mean))
    width = len(mean)
    within[np.diag_indices(width)] += SHRUNK * np.trace(within) / width
    axes = eigh(between, within, subset_by_index=(width - SEEN, width - 1))[1][:, ::-1].astype(np.float32)
    return Viewer(means, mean, axes, unit((centres - mean) @ axes), things)


def recognise(viewer: Viewer, frames: np.ndarray) -> np.ndarray:
    """The frames (m, 32, 32, 3) as 64 numbers each, of unit length."""
    return unit((encode_hog(viewer.means, _halved(frames)) - viewer.mean) @ viewer.axes)


def _chunks(n: int) -> list[slice]:
    """Parts of n frames that stay in the processor's cache."""
    return [slice(start, start + CHUNK) for start in range(0, n, CHUNK)]


def _halved(frames: np.ndarray) -> np.ndarray:
    """Frames at half their side, means of four pixels: noise halves, and so does a third of the work."""
    rows = frames[:, 0::2].astype(np.uint16) + frames[:, 1::2]
    return ((rows[:, :, 0::2] + rows[:, :, 1::2]) >> 2).astype(np.uint8)


def watch(viewer: Viewer, cast: Cast, videos: Videos, frames: int) -> SeenClips:
    """So many frames of each clip, rendered and recognised."""
    clips = videos.clips
    frame = sampled(clips, frames)
    clip, at = np.nonzero(frame >= 0)
    recognised, canvas = np.zeros((*frame.shape, SEEN), np.float32), canvas_of(cast.filmed)
    for part in _chunks(len(clip)):
        rendered = render(canvas, clips, clip[part], frame[clip[part], at[part]])
        recognised[clip[part], at[part]] = recognise(viewer, rendered)
    return SeenClips(recognised, frame >= 0, ((frame + 0.5) / clips.n_frames[:, None]).astype(np.float32))


def train_speaker(viewer: Viewer, captions: np.ndarray) -> Speaker:
    """The map from what is taught to the vectors of its captions, of which there is one a thing (n_things, width)."""
    captions = captions[viewer.things]
    mean = captions.mean(axis=0)
    alike = _alike(viewer, viewer.taught).astype(np.float64)
    alike[np.diag_indices(len(alike))] += RIDGE
    return Speaker(np.linalg.solve(alike, unit(captions - mean)).astype(np.float32), mean)


def say(viewer: Viewer, speaker: Speaker, seen: SeenClips) -> np.ndarray:
    """What each frame (n, count) shows, in the space of the captions (n, count, width); zeros for no frame."""
    said = np.zeros((*seen.there.shape, speaker.coefficients.shape[1]), np.float32)
    clip, at = np.nonzero(seen.there)
    for part in _chunks(len(clip)):
        here = clip[part], at[part]
        said[here] = _alike(viewer, seen.frames[here]) @ speaker.coefficients
    return said


def _alike(viewer: Viewer, frames: np.ndarray) -> np.ndarray:
    """The kernel (m, n_taught) between recognised frames and what was taught."""
    return np.exp(SHARPNESS * (frames @ viewer.taught.T - 1))
