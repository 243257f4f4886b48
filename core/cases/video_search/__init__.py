"""Video search: find the video that a query has in mind, by its words and by what it shows."""

from core.cases.video_search.architecture import draw
from core.cases.video_search.checks import CHECKS
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.video_search.pipeline import run
from core.cases.video_search.scaling import ABLATION_STEPS, LAW_BASIS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier

CASE = Case(
    slug="video_search",
    title="Video search",
    question="Find the one film of 17,472 that a few words describe.",
    data="real items, simulated behaviour",
    Design=VideoSearch,
    run=run,
    baseline=VideoSearch(fusion="words", rerank=0),
    qualities=(
        QualityAxis("mrr@10", "MRR@10", "One over the place of the first right video among ten; 0 if there is none."),
        QualityAxis("R@1", "R@1", "How often the first answer is right."),
        QualityAxis("R@10", "R@10", "How often a right video is among the ten answers."),
        QualityAxis(
            "neighbours@10", "ANN recall@10", "Share of the ten exact nearest neighbours that the index found."
        ),
    ),
    requirements=Requirements(
        daily_users=50e6,
        requests_per_user=3.0,
        peak_factor=3.0,
        p99_ms=100.0,
        source="The interview's 50 million people a day; illustrative: three searches each, three times the mean at "
        "the peak, over a hundred thousand videos, a thousand of them new each day. The interview's billion is "
        "beyond what a law of quality is believed for here. The age, the quality and the budget are illustrative too.",
        items=1e5,
        new_items_a_day=1_000.0,
        items_are="videos",
        freshness_h=24.0,
        quality_floor=0.5,
        budget_usd=30_000.0,
        stored_kb=Assumption(
            50.0,
            "kB an item",
            "illustrative: text and three thumbnails; the video itself belongs to the platform",
            "2026-11",
        ),
        upload_kb=Assumption(0.5, "kB a request", "illustrative: some words and the headers", "2026-11"),
        response_kb=Assumption(
            5.0, "kB an answer", "illustrative: ten titles with their addresses and first lines", "2026-11"
        ),
        item_encoder_ms=Assumption(
            3_160.0,
            "CPU ms a new item",
            "60 frames × 52.7 ms: ResNet-50 v1.5, int8, 112 vCPUs ÷ 2,123.7 a second, intel/neural-compressor; 60 "
            "is illustrative",
            "2023-06-19",
        ),
    ),
    draw=draw,
    checks=CHECKS,
    published=PUBLISHED,
    sources=tuple(SOURCES.values()),
    interview=INTERVIEW,
    scaling_parts=scaling_parts,
    quality_growth=quality_growth,
    law_basis=LAW_BASIS,
    ablation_steps=ABLATION_STEPS,
    precompute=PRECOMPUTE,
    bills_beside=(
        BillBeside(
            "A managed search service",
            "requests_a_month",
            "requests",
            (Multiplier(0.0015, "$1.50 per 1,000"),),
            SOURCES["vertex"],
            "undated copy",
            "A list price is for small customers, and has ranking by language models in it.",
        ),
    ),
)
