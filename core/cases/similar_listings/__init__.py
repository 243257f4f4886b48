"""Similar listings: beside the home a guest looks at, show twelve that the guest may book instead."""

from core.cases.similar_listings.architecture import draw
from core.cases.similar_listings.checks import CHECKS
from core.cases.similar_listings.design import SimilarListings
from core.cases.similar_listings.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.similar_listings.pipeline import run
from core.cases.similar_listings.scaling import ABLATION_STEPS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier

CASE = Case(
    slug="similar_listings",
    title="Similar listings",
    question="Real listings, simulated sessions: show twelve similar ones.",
    data="real items, simulated behaviour",
    Design=SimilarListings,
    run=run,
    baseline=SimilarListings(model="attributes"),
    qualities=(
        QualityAxis("recall@12", "recall@12", "How often the listing booked in the end is among the twelve shown."),
        QualityAxis(
            "rank",
            "mean rank of the booked listing",
            "Rank of the booked listing among all available ones, 0 first and 1 last; those not shown share the rest.",
            better="lower",
        ),
        QualityAxis("mrr@12", "MRR@12", "One over the rank of the booked listing, 0 when it is not shown."),
        QualityAxis(
            "regret",
            "regret to the oracle",
            "Booking probability lost against an oracle that knows the guest's preferences.",
            better="lower",
        ),
        QualityAxis(
            "filled", "slots filled", "Share of the twelve slots that hold a listing, as far as any are available."
        ),
        QualityAxis(
            "new recall@12",
            "recall@12, new listings",
            "The same for guests who book a listing of the last 30 days.",
            value_of="guest who books a new listing",
        ),
    ),
    requirements=Requirements(
        daily_users=100e6,
        requests_per_user=20.0,
        peak_factor=2.0,
        p99_ms=100.0,
        source="The 4.5 million homes are Airbnb's of 2018; illustrative: 100 million people a day on twenty pages "
        "each, doubled at the peak, each with a carousel that must not hold it up. The age, the quality and "
        "the budget are illustrative too.",
        items=4.5e6,
        new_items_a_day=10_000.0,
        items_are="listings",
        freshness_h=48.0,
        quality_floor=0.61,
        budget_usd=75_000.0,
        stored_kb=Assumption(
            50.0,
            "kB an item",
            "illustrative: what the carousel shows of a listing; its photos belong to its page",
            "2026-11",
        ),
        upload_kb=Assumption(
            0.5, "kB a request", "illustrative: which listing, whose session, and the headers", "2026-11"
        ),
        response_kb=Assumption(
            6.0, "kB an answer", "illustrative: twelve titles with price, stars and addresses", "2026-11"
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
            "A list price has training and margin in it; ours looks vectors up.",
        ),
        BillBeside(
            "All of Airbnb's cloud in 2020",
            "",
            "",
            (
                Multiplier(63.5e6 / 0.27 * 0.73, "$63.5 million ÷ 27 % × 73 %"),
                Multiplier(1 / 12, "1/12"),
            ),
            SOURCES["airbnb_cloud"],
            "2022",
            "That is a whole company with storage and analytics; ours is one carousel.",
        ),
    ),
)
