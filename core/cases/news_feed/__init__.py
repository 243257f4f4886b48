"""Personalised news feed: of what those whom a reader follows have posted, the ten that are worth most."""

from core.cases.news_feed.architecture import draw
from core.cases.news_feed.checks import CHECKS
from core.cases.news_feed.data.world import BINARY
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.news_feed.pipeline import run
from core.cases.news_feed.scaling import ABLATION_STEPS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier

CASE = Case(
    slug="news_feed",
    title="Personalised news feed",
    question="Simulated readers: rank ten film posts.",
    data="real items, simulated behaviour",
    Design=NewsFeed,
    run=run,
    baseline=NewsFeed(model="lr"),
    qualities=(
        QualityAxis(
            "value",
            "nDCG@10 (value)",
            "True value of the ten posts at the company's own values, less further down, over that of the best ten.",
        ),
        QualityAxis(
            "value active",
            "nDCG, active readers",
            "The same for readers who click, like and comment.",
            value_of="active reader",
        ),
        QualityAxis(
            "value passive",
            "nDCG, passive readers",
            "The same for readers who hardly ever do.",
            value_of="passive reader",
        ),
        *(
            QualityAxis(
                f"auc {name}",
                f"AUC of {name}",
                "How often a post with the action scores above one without, on the biased log's last day; interval by "
                "DeLong, readers going together.",
                value_of="reader's part of one ranking",
            )
            for name in BINARY
        ),
        QualityAxis(
            "calibration",
            "calibration error",
            "Largest gap between predicted and observed over any range of chances, as a share, averaged over actions.",
            better="lower",
            value_of="reader's part of all posts",
        ),
        QualityAxis("authors", "author diversity", "Share of the ten posts that are the first of their author."),
        QualityAxis("fresh", "freshness", "Share of the ten posts that are under six hours old."),
        QualityAxis("clicks", "clicks per feed", "Expected clicks on ten posts that are all looked at."),
        QualityAxis("shares", "shares per feed", "Expected shares of ten posts that are all looked at."),
        QualityAxis("hides", "hides per feed", "Expected hides of ten posts that are all looked at.", better="lower"),
    ),
    requirements=Requirements(
        daily_users=2e9,
        requests_per_user=2.0,
        peak_factor=1.0,
        p99_ms=200.0,
        source="The interview's: two billion people who refresh twice a day, on average; illustrative: 500 million "
        "new posts a day, kept for a month. The age, the quality and the budget are illustrative too.",
        items=15e9,
        new_items_a_day=500e6,
        items_are="posts",
        freshness_h=72.0,
        quality_floor=0.42,
        budget_usd=3_000_000.0,
        stored_kb=Assumption(
            2.0, "kB an item", "illustrative: text and counters; pictures belong to the platform", "2026-11"
        ),
        upload_kb=Assumption(0.5, "kB a request", "illustrative: who asks, and the headers", "2026-11"),
        response_kb=Assumption(
            20.0, "kB an answer", "illustrative: a screen of posts with text and addresses", "2026-11"
        ),
        encoder_parts=("rank",),
        encoder_ms=Assumption(
            930.0,
            "CPU ms a request",
            "1,500 posts × 48 million weights × 2 operations (twitter/the-algorithm-ml) at 155 billion a second of "
            "a vCPU (ResNet-50, int8, Xeon 8480+, intel/neural-compressor)",
            "2023-06-19",
        ),
    ),
    draw=draw,
    checks=CHECKS,
    published=PUBLISHED,
    sources=tuple(SOURCES.values()),
    interview=INTERVIEW,
    seed_draws="world",
    scaling_parts=scaling_parts,
    quality_growth=quality_growth,
    ablation_steps=ABLATION_STEPS,
    precompute=PRECOMPUTE,
    bills_beside=(
        BillBeside(
            "As many CPU seconds as Twitter's feed",
            "requests_a_month",
            "requests",
            (
                Multiplier(220 / 3600, "220 CPU seconds ÷ 3,600"),
                Multiplier(0.0316, "$0.0316 a vCPU-hour"),
            ),
            SOURCES["twitter"],
            "2023",
            "Theirs counts every service that gathers, filters and scores; ours only a ranker.",
        ),
    ),
)
