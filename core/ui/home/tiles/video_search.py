"""A film strip: five frames of one clip."""

import numpy as np

from core.ui.home.tiles.ink import SLATE, box, image, joined, svg

LESSONS = ("S8", "S5", "S3")
N_FRAMES = 5


def picture() -> str:
    from core.cases.video_search.data import clips, videos

    cast = videos.load_cast()
    made = clips.make_clips(50, len(cast.words), np.random.default_rng(4))
    one = int((made.things >= 0).sum(axis=1).argmax())
    frames = np.linspace(0, made.n_frames[one] - 1, N_FRAMES).round().astype(int)
    shown = clips.render(clips.canvas_of(cast.filmed), made, np.full(N_FRAMES, one), frames)
    holes = joined(box(6 + 20 * at, y, 9, 8, SLATE, 0.55) for at in range(16) for y in (9, 103))
    return svg(
        box(0, 2, 320, 116, SLATE, 0.2), holes, joined(image(f, 4 + 63 * i, 28, 60, 64) for i, f in enumerate(shown))
    )
