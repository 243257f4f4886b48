"""Makes data/weights/streetnet.onnx: a small network that finds faces and plates, trained here on drawn photos.

Source: data/street.npz, with torch 2.13.0 and onnx 1.23.2. Then: python -m data.make.streetnet
It sees only the people and the scenes of the training split.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from core.cases.street_view_blurring.data.photos import PHOTO_PX, Photos, load_photos
from core.datasets.files import DATA
from core.datasets.lite0 import onnx_session
from core.datasets.street import load_street
from core.datasets.street_weights import STREETNET, STRIDE
from data.make.record import record

MADE_BY = "data.make.streetnet"
FINE, COARSE, DILATIONS = 24, 40, (1, 2, 4, 1)  # channels a quarter and an eighth as large as the photo
STEPS, BATCH, RATE = 6_000, 14, 4e-3
READ_AT = (64, 80, 96, 112, 128, 160, 192)
FIRST_SEED, SETS = 10_000, 48
CENTRAL = 0.6  # where the target says more than this of a place, it must also tell the size of the object around it
WORLDS = [(0.0, "day"), (0.5, "day"), (1.0, "day"), (0.5, "dusk"), (0.5, "day"), (0.5, "night")]
TOLERANCE = 1e-4


class StreetNet(nn.Module):
    """Grey photos (n, 1, h, w) from 0 to 255 to a map (n, 10, h/4, w/4).

    Channels: how likely a face, a plate has its middle there; log width and height of each; how far the middle is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_block(1, FINE // 2, stride=2), _block(FINE // 2, FINE, stride=2))
        self.down = _block(FINE, COARSE, stride=2)
        self.body = nn.ModuleList([_block(COARSE, COARSE, dilation=d) for d in DILATIONS])
        self.up = nn.Conv2d(COARSE, 4 * FINE, 1)
        self.join = _block(FINE, FINE)
        self.head = nn.Conv2d(FINE, 10, 1)
        nn.init.constant_(self.head.bias[:2], -4.0)

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        fine = self.stem(photos / 64 - 2)
        coarse = self.down(fine)
        for block in self.body:
            coarse = coarse + block(coarse)
        found = self.head(self.join(fine + F.pixel_shuffle(self.up(coarse), 2)))
        return torch.cat([torch.sigmoid(found[:, :2]), found[:, 2:]], dim=1)


def _block(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Module:
    conv = nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


def main() -> None:
    """Train, export, compare and record."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = train(StreetNet())
    path = DATA / STREETNET["fp32"]
    torch.onnx.export(
        network, (torch.zeros(1, 1, 96, 96),), str(path), input_names=["photos"], output_names=["map"],
        dynamic_axes={"photos": {0: "n", 2: "h", 3: "w"}, "map": {0: "n", 2: "map_h", 3: "map_w"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    print(f"largest difference from torch: {compare(network, path.read_bytes()):.1e}")
    record(STREETNET["fp32"], MADE_BY)


def photos() -> list[Photos]:
    """Training photos under every light and crowd."""
    street = load_street()
    worlds = [WORLDS[i % len(WORLDS)] for i in range(SETS)]
    return [
        load_photos(street, "train", crowd, "mixed", light, 0.0, FIRST_SEED + i)
        for i, (crowd, light) in enumerate(worlds)
    ]


def train(network: StreetNet) -> StreetNet:
    """Adam with a warm start and a cosine end."""
    optimiser = torch.optim.Adam(network.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, STEPS)
    total = 0.0
    for at, (seen, target, mask) in enumerate(batches(photos(), np.random.default_rng(0))):
        optimiser.zero_grad()
        loss = loss_of(network(seen), target, mask)
        loss.backward()
        optimiser.step()
        schedule.step()
        total += loss.item()
        if at % 100 == 99:
            print(at + 1, round(total / 100, 4), flush=True)
            total = 0.0
    return network.eval()


def batches(sets: list[Photos], rng: np.random.Generator) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """STEPS batches, each of photos of one set read at one size, with their target maps."""
    import cv2

    for _ in range(STEPS):
        drawn, px = sets[rng.integers(len(sets))], int(rng.choice(READ_AT))
        rows = rng.choice(len(drawn.pixels), BATCH, replace=False)
        seen = np.stack([cv2.resize(drawn.pixels[i], (px, px), interpolation=cv2.INTER_AREA) for i in rows])
        flip = rng.random() < 0.5
        target, mask = maps(drawn, rows, px, flip)
        seen = seen[:, :, ::-1] if flip else seen
        seen = seen.astype(np.float32) * rng.uniform(0.6, 1.2) + rng.normal(0, rng.uniform(0, 3), seen.shape)
        yield torch.from_numpy(seen[:, None].clip(0, 255).astype(np.float32)), target, mask


def maps(drawn: Photos, rows: np.ndarray, px: int, flip: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """What the network should say (n, 10, h, w), and where (n, 2, h, w) the heart of an object of each kind lies.

    The very middle of an object is where the first channels are 1.
    """
    n, side = len(rows), px // STRIDE
    target, mask = np.zeros((n, 10, side, side), np.float32), np.zeros((n, 2, side, side), bool)
    y, x = np.mgrid[:side, :side]
    for at, row in enumerate(rows):
        for kind, box in zip(drawn.kind[drawn.of == row], drawn.box[drawn.of == row], strict=True):
            box = box * px / PHOTO_PX / STRIDE
            box = box if not flip else np.array([side - box[2], box[1], side - box[0], box[3]])
            (cx, cy), (w, h) = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
            i, j = min(int(cy), side - 1), min(int(cx), side - 1)
            spread_x, spread_y = max(0.5, w / 8), max(0.5, h / 8)
            near = np.exp(-((x - j) ** 2) / (2 * spread_x**2) - (y - i) ** 2 / (2 * spread_y**2))
            heart = (near > CENTRAL) & (near >= target[at, kind])
            target[at, kind] = np.maximum(target[at, kind], near)
            mask[at, kind] |= heart
            sizes = np.stack([np.full_like(near, np.log(w)), np.full_like(near, np.log(h))])
            offsets = np.stack([cx - x - 0.5, cy - y - 0.5])
            target[at, 2 + 2 * kind : 4 + 2 * kind, heart] = sizes[:, heart].T
            target[at, 6 + 2 * kind : 8 + 2 * kind, heart] = offsets[:, heart].T
    return torch.from_numpy(target), torch.from_numpy(mask)


def loss_of(found: torch.Tensor, target: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Focal loss of the middles, as in CenterNet (Zhou et al. 2019, equation 1), and L1 of sizes and offsets."""
    likely, wanted = found[:, :2].clamp(1e-4, 1 - 1e-4), target[:, :2]
    middle = wanted == 1
    there = (1 - likely) ** 2 * torch.log(likely) * middle
    elsewhere = (1 - wanted) ** 4 * likely**2 * torch.log(1 - likely) * ~middle
    kinds = mask.repeat_interleave(2, dim=1)
    high = target[:, [3, 3, 5, 5]].exp()[kinds]  # an offset weighs by the object's height: that is what overlap feels
    shape = F.l1_loss(found[:, 2:6][kinds], target[:, 2:6][kinds])
    offset = ((found[:, 6:][kinds] - target[:, 6:][kinds]).abs() / high.clamp(min=1)).mean()
    return -(there.sum() + elsewhere.sum()) / middle.sum().clamp(min=1) + 3 * (shape + offset)


def compare(network: StreetNet, weights: bytes) -> float:
    """The largest difference between ONNX and torch over sizes. Raises AssertionError past TOLERANCE."""
    session, rng, worst = onnx_session(weights), np.random.default_rng(0), 0.0
    for n, px in ((1, 64), (3, 96), (1, 192)):
        seen = rng.uniform(0, 255, (n, 1, px, px)).astype(np.float32)
        with torch.no_grad():
            expected = network(torch.from_numpy(seen)).numpy()
        worst = max(worst, float(np.abs(expected - session.run(None, {"photos": seen})[0]).max()))
    assert worst < TOLERANCE, f"ONNX and torch differ by {worst}"
    return worst


if __name__ == "__main__":
    main()
