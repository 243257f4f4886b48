"""The faces are level and of people that can be told apart, and every weight file loads or says why not."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.datasets.files import CHECKSUMS, DATA, DataError
from core.datasets.street import EYES_APART_PX, EYES_AT, FACE_SHAPE, FILE, SCENE_PX, load_street
from core.datasets.street_weights import CENTERFACE, STREETNET, SVM, load_svm, network_bytes


def test_faces_and_scenes_are_grey_and_of_one_size():
    street = load_street()
    assert street.faces.shape == (173, *FACE_SHAPE) and street.faces.dtype == np.uint8
    assert street.scenes.shape == (50, SCENE_PX, SCENE_PX) and street.scenes.dtype == np.uint8
    assert street.people.shape == (173,) and set(street.people) == set(range(30))
    assert street.scenes.std(axis=(1, 2)).min() > 5 and street.faces.std(axis=(1, 2)).min() > 5


def test_eyes_are_darker_than_the_cheeks_below_them():
    """Where the script puts the eyes there are eyes: nearly every face is darker there than a little lower."""
    faces = load_street().faces.astype(float)
    half, row = int(EYES_APART_PX / 2), int(EYES_AT[1])
    columns = [int(EYES_AT[0]) + side * half for side in (-1, 1)]
    eyes, cheeks = (np.stack([faces[:, y - 2 : y + 3, x - 3 : x + 4].mean(axis=(1, 2)) for x in columns]).mean(axis=0)
                    for y in (row, row + 18))  # fmt: skip
    assert (eyes < cheeks).mean() > 0.95


def test_a_folder_without_the_photos_is_told(tmp_path: Path):
    with pytest.raises(DataError, match="missing"):
        load_street(root=tmp_path)


def test_a_photo_file_cut_short_is_told(tmp_path: Path):
    shutil.copy(DATA / CHECKSUMS, tmp_path / CHECKSUMS)
    (tmp_path / FILE).write_bytes((DATA / FILE).read_bytes()[:10_000])
    with pytest.raises(DataError, match=r"data/street.npz is corrupt.*python -m data.make.street"):
        load_street(root=tmp_path)


def test_the_linear_machines_have_a_weight_for_every_template():
    from core.cases.street_view_blurring.model.hog import BINS, TEMPLATES

    svm = load_svm()
    assert [len(each) for each in svm.weights] == [h * w * BINS for _, h, w, _ in TEMPLATES.values()]
    assert len(svm.intercepts) == len(TEMPLATES) and all(np.isfinite(each).all() for each in svm.weights)


@pytest.mark.parametrize("files", [CENTERFACE, STREETNET], ids=["centerface", "streetnet"])
def test_eight_bits_take_less_than_half(files: dict[str, str]):
    wide, narrow = ((DATA / files[precision]).stat().st_size for precision in ("fp32", "int8"))
    assert narrow < wide / 2


def test_an_unknown_network_or_precision_is_refused():
    with pytest.raises(KeyError, match="yolo"):
        network_bytes("yolo", "fp32")
    with pytest.raises(KeyError, match="int4"):
        network_bytes("centerface", "int4")


@pytest.mark.parametrize("name", [*CENTERFACE.values(), *STREETNET.values(), SVM])
def test_missing_weights_are_told(name: str, tmp_path: Path):
    shutil.copy(DATA / CHECKSUMS, tmp_path / CHECKSUMS)
    with pytest.raises(DataError, match=f"data/{name} is missing"):
        for network in ("centerface", "streetnet"):
            for precision in ("fp32", "int8"):
                network_bytes(network, precision, root=_all_but(name, tmp_path))
        load_svm(root=tmp_path)


def _all_but(name: str, root: Path) -> Path:
    (root / "weights").mkdir(exist_ok=True)
    for other in {*CENTERFACE.values(), *STREETNET.values(), SVM} - {name}:
        if not (root / other).exists():
            shutil.copy(DATA / other, root / other)
    return root
