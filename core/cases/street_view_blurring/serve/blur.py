"""Making faces and plates unreadable."""

from __future__ import annotations

import numpy as np

from core.cases.street_view_blurring.model.detectors import vision

BLOCKS = 4  # a box is first reduced to this many means a side: a wide soft blur alone can be undone in part
WIDER = 0.08  # of a box's size, blurred around it as well, since no box is exact


def blur(photo: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The photo uint8 (h, w) or (h, w, 3) with what lies in boxes (m, 4) reduced to a few soft blocks."""
    cv2, blurred = vision(), photo.copy()
    height, width = photo.shape[:2]
    for x1, y1, x2, y2 in boxes:
        dx, dy = WIDER * (x2 - x1), WIDER * (y2 - y1)
        left, top = max(0, int(x1 - dx)), max(0, int(y1 - dy))
        right, bottom = min(width, int(np.ceil(x2 + dx))), min(height, int(np.ceil(y2 + dy)))
        if right - left < 1 or bottom - top < 1:
            continue
        part = blurred[top:bottom, left:right]
        few = cv2.resize(part, (min(BLOCKS, right - left), min(BLOCKS, bottom - top)), interpolation=cv2.INTER_AREA)
        blurred[top:bottom, left:right] = cv2.resize(few, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    return blurred
