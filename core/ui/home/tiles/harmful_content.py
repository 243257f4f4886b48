"""A harmful message, a bar a word; orange are the words that harmful messages have three times as often."""

import numpy as np

from core.datasets.mails import load_mails
from core.ui.home.tiles.ink import SLATE, VERMILION, box, svg

LESSONS = ("H11", "H5c", "H5b")
TIMES = 3.0
LINES, LETTER = 7, 4.6


def picture() -> str:
    mails = load_mails()
    ends, n_words = mails.bodies.ends, len(mails.vocabulary)
    of = np.repeat(mails.harmful, np.diff(ends))
    told, harmless = (np.bincount(mails.bodies.ids[of == kind], minlength=n_words) + 1.0 for kind in (True, False))
    often = (told / told.sum()) / (harmless / harmless.sum()) > TIMES
    long_enough = np.flatnonzero(mails.harmful & (np.diff(ends) > 70) & (np.diff(ends) < 120))
    words = mails.bodies.ids[ends[long_enough[3]] : ends[long_enough[3] + 1]]
    parts, x, y = [], 8.0, 10.0
    for word in words:
        width = LETTER * min(9, len(mails.vocabulary[word]))
        if x + width > 312:
            x, y = 8.0, y + 15
        if y > 10 + 15 * (LINES - 1):
            break
        parts.append(box(x, y, width, 9, VERMILION if often[word] else SLATE, 0.95 if often[word] else 0.45))
        x += width + 5
    return svg(*parts)
