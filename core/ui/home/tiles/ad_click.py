"""The share of coupons that were clicked, department by department."""

import numpy as np

from core.datasets.coupons import load_coupons
from core.ui.home.tiles.ink import PETROL, SLATE, VERMILION, box, joined, line, svg

LESSONS = ("A13", "A5", "A6")
LEAST = 200  # exposures of a department


def picture() -> str:
    coupons = load_coupons()
    code, clicked = coupons.codes["department"], coupons.click_day < np.iinfo(np.uint16).max
    clicked &= coupons.click_day >= 0
    shown, clicks = np.bincount(code), np.bincount(code, clicked)
    rates = np.sort(clicks[shown >= LEAST] / shown[shown >= LEAST])[::-1]
    heights = 104 * rates / rates.max()
    step = 304 / len(rates)
    bars = joined(
        box(8 + step * i, 112 - h, step - 6, h, VERMILION if not i else PETROL, 0.9) for i, h in enumerate(heights)
    )
    mean = 112 - 104 * clicked.mean() / rates.max()
    return svg(bars, line((6, mean), (314, mean), SLATE, 1.5, "5 4"), line((6, 113), (314, 113), SLATE))
