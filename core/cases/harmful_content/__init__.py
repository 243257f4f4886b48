"""Harmful content detection: find the posts that must not be seen, before they are."""

from core.cases.harmful_content.architecture import draw
from core.cases.harmful_content.checks import CHECKS
from core.cases.harmful_content.design import HarmfulContent
from core.cases.harmful_content.evaluate.money import CHARGES
from core.cases.harmful_content.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.harmful_content.pipeline import run
from core.cases.harmful_content.scaling import ABLATION_STEPS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier

CASE = Case(
    slug="harmful_content",
    title="Harmful content detection",
    question="Find harmful posts first; here, spam mail of 2002.",
    data="real items, simulated behaviour",
    Design=HarmfulContent,
    run=run,
    baseline=HarmfulContent(
        match="exact", fusion="text", model="list", heads="none", reviewers=0, remove_at=0.9, weights="float32"
    ),
    qualities=(
        QualityAxis(
            "ap",
            "average precision",
            "Mean precision at the rank of each harmful post, at this prevalence.",
            value_of="distinct post's part of one ranking",
        ),
        QualityAxis(
            "recall",
            "recall at 90 % precision",
            "Harmful posts found at the threshold with which nine in ten finds are right among validation posts.",
            value_of="harmful post",
        ),
        QualityAxis(
            "stopped",
            "harmful views prevented",
            "Share of the views of harm that never happen, weighted by severity; views are simulated.",
            badge="modelled",
            value_of="harmful post",
        ),
        QualityAxis(
            "wronged",
            "false-positive rate of removals",
            "Share of harmless posts that the machine removes.",
            "lower",
            value_of="harmless post",
        ),
        QualityAxis(
            "rare",
            "AP of the rare category",
            "Average precision of the harm category that has few labels.",
            value_of="distinct post's part of one ranking",
        ),
        QualityAxis(
            "planted",
            "AP of multimodal posts",
            "Among planted posts alone, half of them harmful.",
            value_of="distinct post's part of one ranking",
        ),
    ),
    requirements=Requirements(
        daily_users=250e6,
        requests_per_user=2.0,
        peak_factor=2.0,
        p99_ms=50.0,
        source="The interview's 500 million posts a day; illustrative: two of each author, twice the mean at the "
        "peak. The age, the quality and the budget are illustrative too.",
        items=500e6,
        new_items_a_day=500e6,
        users_are="authors",
        items_are="posts",
        freshness_h=24.0,
        quality_floor=0.85,
        budget_usd=80e6,
        charges=CHARGES,
        stored_kb=Assumption(50.0, "kB an item", "illustrative: text, and a picture with every second post", "2026-11"),
        upload_kb=Assumption(50.0, "kB a request", "illustrative: the post as it is sent", "2026-11"),
        response_kb=Assumption(0.2, "kB an answer", "illustrative: a verdict", "2026-11"),
        encoder_parts=("text", "both parts", "MiniLM"),
        encoder_ms=Assumption(
            142.0,
            "CPU ms a request",
            "112 vCPUs ÷ 788.64 texts a second: DistilBERT, int8, on a Xeon 8480+, intel/neural-compressor",
            "2023-06-19",
        ),
    ),
    draw=draw,
    checks=CHECKS,
    published=PUBLISHED,
    sources=tuple(SOURCES.values()),
    interview=INTERVIEW,
    seed_draws="nothing",
    scaling_parts=scaling_parts,
    quality_growth=quality_growth,
    ablation_steps=ABLATION_STEPS,
    precompute=PRECOMPUTE,
    bills_beside=(
        BillBeside(
            "Facebook's reviewers, wages alone",
            "",
            "",
            (
                Multiplier(15_000, "15,000 people"),
                Multiplier(28_000, "$28,000 a year"),
                Multiplier(1 / 12, "1/12"),
            ),
            SOURCES["moderators"],
            "2019",
            "Ours reviews a few of a thousand posts, on one platform of 500 million posts a day.",
        ),
        BillBeside(
            "A text moderation API",
            "requests_a_month",
            "requests",
            (Multiplier(0.00038, "$0.38 per 1,000"),),
            SOURCES["content_safety"],
            "2025-08",
            "A list price with margin and support; ours is one small network on cores of its own.",
        ),
    ),
)
