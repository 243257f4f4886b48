"""The posts of one feed: an author, a bar for the views and one for the likes that each has after four hours."""

import numpy as np

from core.ui.home.tiles.ink import AMBER, INDIGO, PETROL, SLATE, VERMILION, box, dot, svg

LESSONS = ("F6", "F3", "D1")
COLOURS = (PETROL, VERMILION, INDIGO, AMBER)
FOUR_H = 4  # place among the ages at which counters are kept


def picture() -> str:
    from core.cases.news_feed.data.follows import follow_graph
    from core.cases.news_feed.data.simulate import _posts

    posts = _posts(follow_graph("real", 0), np.random.default_rng(0))
    rows = np.argsort(-posts.hour)[40:400:60][:6]
    most = np.sqrt(posts.views[rows, FOUR_H].max())
    parts = []
    for at, row in enumerate(rows):
        x, y = 6 + 158 * (at % 2), 4 + 39 * (at // 2)
        views, likes = (120 * np.sqrt(counter[row, FOUR_H]) / most for counter in (posts.views, posts.likes))
        parts += [
            box(x, y, 150, 34, SLATE, 0.16, 4),
            dot(x + 14, y + 17, 9, COLOURS[int(posts.format[row]) % len(COLOURS)]),
            box(x + 28, y + 8, max(4, views * 0.95), 7, SLATE, 0.6),
            box(x + 28, y + 20, max(3, likes * 0.95), 7, VERMILION, 0.85),
        ]
    return svg(*parts)
