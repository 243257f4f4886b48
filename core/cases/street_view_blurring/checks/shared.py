"""What several checks of Street View blurring work with: designs, and figures of the boxes that are served."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.street_view_blurring.data.paint import FACE
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.model.boxes import Boxes, true_boxes
from core.checks.toolkit import Lab
from core.metrics.detection import average_precision

DEFAULT = StreetViewBlurring()
BACKLOG = replace(DEFAULT, serving="batch", arrivals=0.0)  # where slow detectors and fine reading are on offer
CENTERFACE_FINE = replace(BACKLOG, faces="centerface", px=192)


def served_boxes(lab: Lab, design: StreetViewBlurring) -> tuple[Boxes, np.ndarray, Boxes]:
    """The boxes that are served, the row of the object that each hits, -1 for none, and the objects."""
    s = lab.stages(design)
    served, truth = s["served"].value, true_boxes(s["photos"].value)
    return served, served.hits(truth, 0.5), truth


def precision(lab: Lab, design: StreetViewBlurring) -> float:
    """Share of the blurred boxes that hit something: an object that is found has one such box."""
    right, wrong = (lab.per_query(key, design).sum() for key in ("recall", "false_blurs"))
    return float(right / (right + wrong))


def faces_ap(lab: Lab, design: StreetViewBlurring) -> float:
    """Average precision of faces alone."""
    served, hit, truth = served_boxes(lab, design)
    faces = served.kind == FACE
    return average_precision(served.score[faces], hit[faces] >= 0, int((truth.kind == FACE).sum()))
