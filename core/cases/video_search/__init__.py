"""Video search: find the video that a query has in mind, by its words and by what it shows."""

from core.cases.video_search.architecture import draw
from core.cases.video_search.checks import CHECKS
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.video_search.pipeline import run
from core.cases.video_search.scaling import ABLATION_STEPS, PRECOMPUTE, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements

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
        daily_users=50e6,
        requests_per_user=3.0,
        peak_factor=3.0,
        p99_ms=100.0,
        source="The interview's 50 million people a day and a billion videos; illustrative: three searches each, "
        "three times the mean at the peak, a million new videos a day. The age, the quality and the budget "
        "are illustrative too.",
        items=1e9,
        new_items_a_day=1e6,
        items_are="videos",
        freshness_h=24.0,
        quality_floor=0.4,
        budget_usd=200.0,
    ),
    draw=draw,
    checks=CHECKS,
    published=PUBLISHED,
    sources=tuple(SOURCES.values()),
    interview=INTERVIEW,
    scaling_parts=scaling_parts,
    ablation_steps=ABLATION_STEPS,
    precompute=PRECOMPUTE,
)
