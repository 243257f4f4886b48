"""Event recommendation: of the events that are about to happen, show those a person may register for."""

from core.cases.event_recommendation.architecture import draw
from core.cases.event_recommendation.checks import CHECKS
from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.event_recommendation.pipeline import run
from core.cases.event_recommendation.scaling import ABLATION_STEPS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier

CASE = Case(
    slug="event_recommendation",
    title="Event recommendation",
    question="Simulated users, real cities: rank events they will register for.",
    data="real items, simulated behaviour",
    Design=EventRecommendation,
    run=run,
    baseline=EventRecommendation(model="rules"),
    qualities=(
        QualityAxis(
            "map",
            "mAP",
            "Mean average precision of the twenty events listed, over all that the user would register for.",
        ),
        QualityAxis("ndcg@10", "nDCG@10", "Events that the user would register for, early among the first ten."),
        QualityAxis("ceiling", "recall ceiling", "Recall of the candidate filter: no ranker can find more."),
        QualityAxis(
            "regret",
            "regret to the oracle",
            "Share of registrations lost against the ideal ten events, chosen by the true probabilities.",
            better="lower",
        ),
        QualityAxis(
            "calibration",
            "calibration error",
            "Largest gap between predicted and true registrations over any range of probabilities, as a share.",
            better="lower",
            value_of="person's part of all candidates",
        ),
        QualityAxis(
            "soon",
            "mAP, next two days",
            "The same on events of the next 48 hours alone.",
            value_of="person who would go within two days",
        ),
        QualityAxis(
            "begun@10", "expired events in top 10", "Share of the top ten that have already started.", better="lower"
        ),
    ),
    requirements=Requirements(
        daily_users=100e6,
        requests_per_user=1.0,
        peak_factor=4.0,
        p99_ms=200.0,
        source="The interview's 200 ms, 100 million people a day and a million events a month; illustrative: a tenth "
        "of them open at a time, one look each, four times the mean in the evening. The age, the quality and the "
        "budget are illustrative too.",
        items=1e5,
        new_items_a_day=33_000.0,
        items_are="events",
        freshness_h=24.0,
        quality_floor=0.29,
        budget_usd=50_000.0,
        stored_kb=Assumption(100.0, "kB an item", "illustrative: text and one picture", "2026-11"),
        upload_kb=Assumption(0.5, "kB a request", "illustrative: who asks, from where, and the headers", "2026-11"),
        response_kb=Assumption(
            10.0, "kB an answer", "illustrative: twenty events with place, time and price", "2026-11"
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
            "A managed recommender",
            "requests_a_month",
            "requests",
            (Multiplier(0.0001, "$0.10 per 1,000"),),
            SOURCES["recommender"],
            "undated copy",
            "A list price has training, experiments and margin in it; our ranker is small.",
        ),
    ),
)
