"""Video search: find the video that a query has in mind, by its words and by what it shows."""

from core.case import Case, QualityAxis, Requirements
from core.cases.video_search.checks import CHECKS
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.drawing import draw
from core.cases.video_search.run import run
from core.cases.video_search.sources import PUBLISHED, SOURCES

CASE = Case(
    slug="video_search",
    title="Video search",
    question="Someone types a few words: find the one video they have in mind.",
    data="real items, simulated behaviour",
    Design=VideoSearch,
    run=run,
    baseline=VideoSearch(fusion="words"),
    qualities=(
        QualityAxis("mrr@10", "MRR@10", "One over the place of the first right video among ten; 0 if there is none."),
        QualityAxis("R@1", "R@1", "How often the first answer is right."),
        QualityAxis("R@10", "R@10", "How often a right video is among the ten answers."),
        QualityAxis(
            "neighbours@10", "neighbours@10", "Of the ten nearest by exact comparison, how many the index found."
        ),
    ),
    requirements=Requirements(
        peak_rps=5_000.0,
        p99_ms=100.0,
        source="Illustrative: 50 million users a day (interview), three searches each, three times the mean at peak. "
        "The age, the quality and the budget are illustrative too.",
        freshness_h=24.0,
        quality_floor=0.45,
        budget_usd=200.0,
    ),
    draw=draw,
    checks=CHECKS,
    published=PUBLISHED,
    sources=SOURCES,
)
