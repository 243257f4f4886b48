"""Clips put together from emoji drawings: one to three shots of 8 to 16 frames in all, with motion, crop and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHOTS = (0.3, 0.5, 0.2)  # shares of clips with one, two and three shots
REVERSED = 0.3  # share of the clips of several shots that play an earlier clip backwards, shot by shot
LEAST_FRAMES, MOST_FRAMES = 8, 16
SIDE = 32
SHIFT = 3.0  # pixels that a shot may lie off the middle where it begins and where it ends
ZOOM = 0.1  # by how much a drawing may be larger (cropped) or smaller
NOISE = 30  # grey levels up or down
NOISES = 64  # different pictures of noise; a frame wears one of them
WHITE = 255


@dataclass(frozen=True)
class Clips:
    """n clips. A shot shows one thing (a row of the cast, -1 past the last shot) on a straight path."""

    things: np.ndarray  # (n, 3) int64
    n_frames: np.ndarray  # (n,) int64, 8 to 16
    ends: np.ndarray  # (n, 3) int64: the first frame after each shot
    shift: np.ndarray  # (n, 3, 2, 2): pixels down and right, at the first and the last frame
    scale: np.ndarray  # (n, 3, 2), at the first and the last frame
    noise: np.ndarray  # (n,) int64: which noise the first frame wears; the next frame wears the next


def make_clips(n: int, n_things: int, rng: np.random.Generator) -> Clips:
    """n clips over a cast of n_things; about a fifth of them show the shots of another clip in reverse order."""
    n_shots = 1 + rng.choice(3, n, p=SHOTS)
    things = np.argsort(rng.random((n, n_things), dtype=np.float32), axis=1)[:, :3]  # three different ones each
    n_frames = rng.integers(LEAST_FRAMES, MOST_FRAMES + 1, n)
    for twin in np.flatnonzero((n_shots > 1) & (rng.random(n) < REVERSED)):
        of = rng.integers(n)
        while n_shots[of] == 1 or of == twin:
            of = rng.integers(n)
        n_shots[twin] = n_shots[of]
        things[twin] = things[of]
        things[twin, : n_shots[of]] = things[of, : n_shots[of]][::-1]
    things[np.arange(3) >= n_shots[:, None]] = -1
    return Clips(
        things=things,
        n_frames=n_frames,
        ends=_ends(n_shots, n_frames, rng),
        shift=rng.uniform(-SHIFT, SHIFT, (n, 3, 2, 2)),
        scale=rng.uniform(1 - ZOOM, 1 + ZOOM, (n, 3, 2)),
        noise=rng.integers(NOISES, size=n),
    )


def _ends(n_shots: np.ndarray, n_frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Where each shot ends: their lengths vary up to threefold."""
    lengths = rng.uniform(0.5, 1.5, (len(n_shots), 3)) * (np.arange(3) < n_shots[:, None])
    return np.rint(n_frames[:, None] * lengths.cumsum(axis=1) / lengths.sum(axis=1, keepdims=True)).astype(np.int64)


def sampled(clips: Clips, count: int) -> np.ndarray:
    """Numbers (n, count) of `count` frames spread evenly over each clip; -1 past the last where a clip has fewer."""
    at = np.arange(count)
    kept = np.minimum(count, clips.n_frames)[:, None]
    spread = ((2 * at + 1) * clips.n_frames[:, None]) // (2 * kept)
    return np.where(at < kept, spread, -1)


def shown(clips: Clips, clip: np.ndarray, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each (clip, frame) pair (m,) the shot it belongs to and how far through that shot it is, 0 to 1."""
    ends = clips.ends[clip]
    shot = (frame[:, None] >= ends).sum(axis=1)
    first = np.where(shot > 0, ends[np.arange(len(clip)), shot - 1], 0)
    last = ends[np.arange(len(clip)), shot] - 1
    return shot, (frame - first) / np.maximum(last - first, 1)


def render(canvas: np.ndarray, clips: Clips, clip: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """The frames (m, 32, 32, 3) uint8 of (clip, frame) pairs (m,), from the canvas of an artist's drawings."""
    shot, through = shown(clips, clip, frame)
    shift, scale = clips.shift[clip, shot], clips.scale[clip, shot]
    now = through[:, None]
    placed = photographed(
        canvas,
        clips.things[clip, shot],
        shift[:, 0] * (1 - now) + shift[:, 1] * now,
        scale[:, 0] * (1 - through) + scale[:, 1] * through,
    )
    return with_noise(placed, clips.noise[clip] + frame)


def canvas_of(drawings: np.ndarray) -> np.ndarray:
    """Drawings (n, 32, 32, 3) uint8 with a white pixel around them, four bytes a pixel as one number, (n, 34, 34).

    Gathering three bytes one by one takes three times as long.
    """
    framed = np.full((len(drawings), SIDE + 2, SIDE + 2, 4), WHITE, np.uint8)
    framed[:, 1:-1, 1:-1, :3] = drawings
    return framed.view(np.uint32)[..., 0]


def photographed(canvas: np.ndarray, things: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Drawings of things (m,) moved by shift (m, 2) pixels and scaled by scale (m,), nearest pixel, (m, 32, 32, 3)."""
    middle = (SIDE - 1) / 2
    steps = (np.arange(SIDE) - middle) / scale[:, None]
    rows, columns = (
        np.clip(np.rint(steps - shift[:, axis, None] + middle + 1), 0, SIDE + 1).astype(np.int32) for axis in (0, 1)
    )
    at = (things.astype(np.int32)[:, None] * (SIDE + 2) + rows)[:, :, None] * (SIDE + 2) + columns[:, None, :]
    return canvas.ravel()[at].view(np.uint8).reshape(len(things), SIDE, SIDE, 4)[..., :3]


def with_noise(frames: np.ndarray, worn: np.ndarray) -> np.ndarray:
    """The frames (m, 32, 32, 3) uint8 with the noise that each wears, (m,)."""
    noises = np.random.default_rng(NOISES).integers(-NOISE, NOISE + 1, (NOISES, SIDE, SIDE, 3), dtype=np.int16)
    noisy = frames.astype(np.int16)
    noisy += noises[worn % NOISES]
    return np.clip(noisy, 0, WHITE, out=noisy).astype(np.uint8)
