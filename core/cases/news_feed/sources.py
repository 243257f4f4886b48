"""Where the data, the methods and the published figures of the news feed come from."""

from __future__ import annotations

from core.contract.case import Published, Source

TRUST = Source(
    "PGP web of trust",
    "39,796 people and 197,141 links; a link counts as each following the other. Cite Richters and Peixoto 2011.",
    "data",
    "https://doi.org/10.1371/journal.pone.0018384",
)
MMOE = Source(
    "Modeling Task Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts, Ma et al. 2018",
    "Experts and gates, and the synthetic tasks whose directions agree as much as a dial says (section 3.2).",
    "paper",
    "https://doi.org/10.1145/3219819.3220007",
)
YOUTUBE = Source(
    "Recommending What Video to Watch Next, Zhao et al. 2019",
    "MMoE ranker with a shallow tower for position bias, left out when serving.",
    "paper",
    "https://doi.org/10.1145/3298689.3346997",
)
FEEDING = Source(
    "Feeding Frenzy: Selectively Materializing Users' Event Feeds, Silberstein et al. 2010",
    "Push or pull for each producer and consumer by how often one writes and the other reads.",
    "paper",
    "https://doi.org/10.1145/1807167.1807257",
)
WEIGHTS = Source(
    "Logistic Regression in Rare Events Data, King & Zeng 2001",
    "Log-odds corrected for a sample or weights in which rare events were made frequent.",
    "paper",
)
DELONG = Source(
    "Comparing the Areas under Two or More Correlated ROC Curves, DeLong et al. 1988",
    "The interval of an AUC from how each positive and each negative is placed among the others.",
    "paper",
    "https://doi.org/10.2307/2531595",
)
FACEBOOK = Source(
    "How machine learning powers Facebook's News Feed ranking, about.fb.com",
    "Candidate posts each, several passes and the lightweight model first.",
    "documentation",
    "https://about.fb.com/news/2021/01/how-does-news-feed-predict-what-you-want-to-see/",
)
SECOND_HAND = Source(
    "Descriptions of feeds at Twitter, Pinterest, LinkedIn and Airbnb",
    "Quoted second-hand from interview notes; the posts of those companies were not read for this page.",
    "interview",
)
INTERVIEW = Source(
    "The interview's figures",
    "Two billion daily users who refresh twice a day: 46,000 requests a second on average, 200 ms.",
    "interview",
)
SOURCES = (TRUST, MMOE, YOUTUBE, FEEDING, WEIGHTS, DELONG, FACEBOOK, SECOND_HAND, INTERVIEW)

PUBLISHED = (
    Published(
        "Facebook's feed",
        "more than 2 billion people, more than 1,000 candidate posts each, several passes, a lightweight model first",
        FACEBOOK,
        "Ours: 500 readers, about 90 candidates each, one light pass and one heavy. Other data.",
    ),
    Published(
        "Twitter's feed, 2023",
        "500 million posts a day to 1,500 candidates, a ranker of 48 million parameters, 5 billion runs a day, under "
        "1.5 s and 220 CPU seconds a run",
        SECOND_HAND,
        "Ours: 80,000 posts in eleven days, a ranker of 3,000 numbers, under a millisecond a run. Quoted second-hand.",
    ),
    Published(
        "YouTube's MMoE ranker with a position tower",
        "improves engagement and satisfaction in live tests (abstract)",
        YOUTUBE,
        "Checks F2 and F6: nearer to the true chances, and more value. Simulated readers.",
        agrees=("F2", "F6"),
    ),
    Published(
        "Pinterest's calibration by action",
        "weights of actions change within hours, without training again",
        SECOND_HAND,
        "Check F9, and the knobs for what an action is worth: they rerun only the last step. Quoted second-hand.",
    ),
    Published(
        "LinkedIn's feed",
        "from separate logistic regressions and XGBoost to one multi-task network with leaves of trees as features",
        SECOND_HAND,
        "The knob “Ranker” has the single steps, not the leaves. Quoted second-hand.",
    ),
    Published(
        "Airbnb with labels for views",
        "more views, not more bookings",
        SECOND_HAND,
        "Check F3: what one task gains another need not. Quoted second-hand.",
        agrees=("F3",),
    ),
)
