"""Street View blurring: average precision on people and places that are kept out of the training split."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from core.cases.street_view_blurring import evaluate, features
from core.cases.street_view_blurring.data.photos import N_TRAIN, N_TRAIN_PEOPLE, TRAIN_SCENES, Photos, load_photos
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.model.calibration import calibrate
from core.cases.street_view_blurring.model.detectors import DETECTORS, Model
from core.cases.street_view_blurring.pipeline import TAUGHT_ON
from core.cases.street_view_blurring.serve.detect import calibrate_scores, detect, nms
from core.datasets.street import Street, load_street
from data.make import street_svm, streetnet
from data.make.tuning_cases.settings import Constant, Tuned, log_uniform, one_of

N_TAUGHT_PEOPLE = 9  # of the twelve one may train on; the other three are judged
SETS, STEPS, READ_AT = 12, 300, (96,)  # in full, eight settings of the network alone would take an hour
FEWER_PHOTOS = f"{N_TRAIN * SETS} of its {N_TRAIN * streetnet.SETS:,} photos"


@cache
def inner_street() -> Street:
    """The people and places one may train on, once more in two: nine people and eight places train, the others judge.

    Who is kept out gets a number that `load_photos` takes for one of the test split.
    """
    street = load_street()
    own = street.people < N_TRAIN_PEOPLE
    people = street.people[own]
    people = np.where(people < N_TAUGHT_PEOPLE, people, people + N_TRAIN_PEOPLE)
    return Street(street.faces[own], people, street.scenes[np.resize(TRAIN_SCENES, len(street.scenes))])


@cache
def _sets(inner: bool) -> list[Photos]:
    """Training photos, as those of the served weights but fewer."""
    with patch.multiple(streetnet, SETS=SETS, load_street=inner_street if inner else load_street):
        return streetnet.photos()


@cache
def _split(split: str) -> Photos:
    return load_photos(inner_street(), split, **TAUGHT_ON, seed=0)


def _score(model: str) -> float:
    trained, design = Model(_trained(model, inner=True), 0), _design(model)
    taught, judged = (_split(split) for split in ("train", "test"))
    raw_taught, raw = (
        detect(trained, features.read(photos, design.px, design.tiles), model, design.tiles)
        for photos in (taught, judged)
    )
    served = nms(calibrate_scores(raw, calibrate(raw_taught, taught)), design.nms)
    return evaluate.grade(served, judged, design.threshold)["ap50"].value


class _Session:
    """A network in torch where a session of the ONNX runtime is expected."""

    def __init__(self, network: torch.nn.Module) -> None:
        self.network = network

    def run(self, _: None, fed: dict[str, np.ndarray]) -> list[np.ndarray]:
        with torch.no_grad():
            return [self.network(torch.from_numpy(fed["photos"])).numpy()]


def _trained(model: str, inner: bool) -> Any:
    """What the model's `detect` takes, trained with the constants as they stand."""
    if model == "hog":
        with patch.object(street_svm, "photos", lambda: _sets(inner)):
            return street_svm.train()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    with patch.multiple(streetnet, photos=lambda: _sets(inner), STEPS=STEPS, READ_AT=READ_AT):
        return _Session(streetnet.train(streetnet.StreetNet()))


@contextmanager
def _serving(model: str) -> Iterator[None]:
    """Inside the block designs are served by the model as it is trained now, on the whole training split."""
    trained = Model(_trained(model, inner=False), 0)
    with patch.dict(DETECTORS, {model: replace(DETECTORS[model], load=lambda precision: trained)}):
        yield


def _design(model: str) -> StreetViewBlurring:
    return StreetViewBlurring(faces=model, plates=model)


TUNED = Tuned(
    "AP at IoU 0.5", "three people and twelve places kept out of the training split",
    {
        "hog": (
            Constant(street_svm, "PENALTY", log_uniform(0.001, 0.5)),
            Constant(street_svm, "NEGATIVES", one_of(2, 4, 8)), Constant(street_svm, "ROUNDS", one_of(1, 2, 3)),
            Constant(street_svm, "MISTAKES", one_of(2, 3, 5)),
        ),
        "streetnet": (
            Constant(streetnet, "RATE", log_uniform(0.001, 0.015)), Constant(streetnet, "FINE", one_of(16, 24, 32)),
            Constant(streetnet, "COARSE", one_of(24, 40, 56)), Constant(streetnet, "BATCH", one_of(8, 14, 20)),
        ),
    },
    _score, _design, untuned=("haar", "centerface"), serving=_serving,
    reduced={
        "hog": f"on {FEWER_PHOTOS}",
        "streetnet": f"on {FEWER_PHOTOS} for {STEPS} of its {streetnet.STEPS:,} steps, all at {READ_AT[0]} pixels",
    },
)  # fmt: skip
