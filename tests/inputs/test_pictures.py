"""A visitor's picture: whatever its size, shape, kind and mode, reading or refusing it takes little memory."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.cases.street_view_blurring.serve import picture_file
from core.cases.street_view_blurring.serve.picture_file import SIDE_PX, PhotoRefused, read_photo

ROOT = Path(__file__).parents[2]
MOST_GROWTH_BYTES = 80_000_000
FLAT = [("L", 6000, 4000), ("P", 6000, 4000), ("1", 6000, 4000), ("I;16", 6000, 4000), ("RGB", 6000, 4000),
        ("RGBA", 6000, 4000), ("LA", 6000, 4000), ("RGB", 4000, 4000), ("RGBA", 4000, 4000), ("RGB", 1, 24_000_000),
        ("P", 1, 24_000_000), ("P", 24_000_000, 1), ("1", 20_000, 20_000)]  # fmt: skip


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def shaded(width, height):
    """A picture in colours that no encoder can write as one run."""
    grey = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (grey, grey, grey.transpose(Image.Transpose.FLIP_TOP_BOTTOM)))


def wordy():
    """A small PNG with 60 texts that unpack to a megabyte each."""
    texts = PngInfo()
    for n in range(60):
        texts.add_text(f"text {n}", "x" * 1_000_000, zip=True)
    return encoded(Image.new("L", (40, 30)), "PNG", pnginfo=texts)


def files():
    """{name: content} of pictures that are large by one measure or another."""
    made = {f"{mode} {width} {height}.png": encoded(Image.new(mode, (width, height)), "PNG")
            for mode, width, height in FLAT}  # fmt: skip
    phone, screen, square = shaded(6000, 4000), shaded(4000, 3000), shaded(2000, 2000)
    made["phone.jpg"] = encoded(phone, "JPEG", quality=60)
    made["progressive.jpg"] = encoded(phone, "JPEG", quality=60, progressive=True)
    made["smaller progressive.jpg"] = encoded(screen, "JPEG", quality=60, progressive=True)
    made["panorama.jpg"] = encoded(shaded(65_000, 369), "JPEG", quality=60)
    made["large.webp"] = encoded(phone, "WEBP", method=0, quality=1)
    made["square.webp"] = encoded(square, "WEBP", method=0)
    made["moving.webp"] = encoded(
        square, "WEBP", method=0, save_all=True, append_images=[Image.new("RGB", (2000, 2000))]
    )
    made["moving.gif"] = encoded(
        screen.convert("P"), "GIF", save_all=True, append_images=[Image.new("P", (4000, 3000))]
    )
    made["wordy.png"] = wordy()
    return made


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """{file: (bytes that reading it took, what was said)}."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("only Linux tells the peak of a process and lets it be cleared")
    folder = tmp_path_factory.mktemp("pictures")
    for name, content in files().items():
        (folder / name).write_bytes(content)
    command = (sys.executable, "-m", "tests.inputs.picture_memory", *map(str, sorted(folder.iterdir())))
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = (line.split("\t") for line in said.splitlines())
    return {name: (int(grown), words) for name, grown, words in rows}


@pytest.mark.slow
def test_no_picture_takes_more_memory_than_is_promised(measured):
    assert len(measured) == len(FLAT) + 9
    assert {name: grown for name, (grown, _) in measured.items() if grown > MOST_GROWTH_BYTES} == {}


@pytest.mark.slow
def test_what_a_phone_takes_is_read_and_what_cannot_be_is_refused_with_its_size(measured):
    said = {name: words for name, (_, words) in measured.items()}
    read = {name for name, words in said.items() if words.startswith("read as")}
    assert {"phone.jpg", "smaller progressive.jpg", "panorama.jpg", "square.webp", "moving.gif", "moving.webp",
            "P 6000 4000.png", "RGBA 4000 4000.png", "P 24000000 1.png"} <= read  # fmt: skip
    assert said["RGB 6000 4000.png"].startswith("The picture has 6,000 × 4,000 pixels")
    assert "million are read" in said["1 20000 20000.png"] or "far more than" in said["1 20000 20000.png"]
    assert "damaged" in said["wordy.png"]


def test_a_picture_that_is_too_much_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(picture_file, "_decoded", lambda image: pytest.fail("it was decoded"))
    monkeypatch.setattr(picture_file, "MOST_HELD_BYTES", 100_000)
    for kind in ("PNG", "WEBP", "JPEG"):
        with pytest.raises(PhotoRefused, match="too much memory"):
            read_photo(encoded(shaded(300, 200), kind))
    with pytest.raises(PhotoRefused, match="too much memory"):
        read_photo(encoded(Image.new("P", (1, 10_000)), "PNG"))


def test_only_a_jpeg_that_comes_in_scans_is_charged_for_its_coefficients():
    def coefficients(**options):
        content = encoded(shaded(160, 80), "JPEG", **options)
        return picture_file._coefficient_bytes(Image.open(io.BytesIO(content)), content)

    exif = Image.Exif()
    exif[0x010E] = "\xff\xda a description"
    assert coefficients() == coefficients(exif=exif) == 0
    assert coefficients(progressive=True, subsampling=0) == 2 * 3 * 160 * 80
    assert coefficients(progressive=True, subsampling=2) == 2 * 1.5 * 160 * 80


@pytest.mark.parametrize("size", [(3000, 2000), (1000, 700), (70, 5000), (5000, 70), (1537, 767), (300, 200)])
@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
def test_tile_by_tile_a_picture_looks_as_it_did_whole(size, mode):
    image = shaded(*size)
    found = read_photo(encoded(image.convert(mode), "PNG")).astype(int)
    whole = image.convert(mode).convert("RGB")
    whole.thumbnail((SIDE_PX, SIDE_PX))
    expected = np.asarray(whole).astype(int)
    assert found.shape[:2] == pytest.approx(expected.shape[:2], abs=1)
    rows, columns = np.minimum(found.shape[:2], expected.shape[:2])
    assert np.abs(found[:rows, :columns] - expected[:rows, :columns]).mean() < 4


def test_a_picture_of_sixteen_bits_keeps_its_greys():
    steps = np.linspace(0, 65_535, 40 * 30).reshape(30, 40).astype(np.uint16)
    grey = read_photo(encoded(Image.fromarray(steps), "PNG"))[..., 0]
    assert np.abs(grey.astype(int) - (steps >> 8)).max() <= 1
