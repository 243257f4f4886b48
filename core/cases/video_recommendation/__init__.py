"""Video recommendation: from nine thousand films, the ten that a user will like next."""

from core.cases.video_recommendation.architecture import draw
from core.cases.video_recommendation.checks import CHECKS
from core.cases.video_recommendation.design import VideoRecommendation
from core.cases.video_recommendation.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.video_recommendation.pipeline import run
from core.cases.video_recommendation.scaling import ABLATION_STEPS, LAW_BASIS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier


def data_kind(design: VideoRecommendation) -> str:
    """Real ratings, or real ones whose dates or popularity were changed."""
    return "real" if (design.dates, design.popularity) == ("real", "real") else "real items, simulated behaviour"


CASE = Case(
    slug="video_recommendation",
    title="Video recommendation",
    question="Recommend ten videos that a user will like next.",
    data=data_kind,
    Design=VideoRecommendation,
    run=run,
    baseline=VideoRecommendation(source="popularity", ranker="none"),
    qualities=(
        QualityAxis("ndcg@10", "nDCG@10", "Films that the user went on to like, early in the list of ten."),
        QualityAxis("recall@N", "recall@N", "Share of the next likes among the candidates: the ceiling of the ranker."),
        QualityAxis(
            "cold ndcg@10",
            "nDCG@10, cold-start users",
            "The same for users with two known likes.",
            value_of="cold-start user",
        ),
        QualityAxis(
            "warm ndcg@10",
            "nDCG@10, warm users",
            "The same for users with half of their likes known.",
            value_of="warm user",
        ),
        QualityAxis(
            "cold recall@N",
            "recall@N, cold-start users",
            "The ceiling for users with two known likes.",
            value_of="cold-start user",
        ),
        QualityAxis(
            "liked@10", "precision@10 (liked)", "Share of the ten that the user went on to rate four stars or more."
        ),
        QualityAxis("viewed@10", "precision@10 (watched)", "Share of the ten that the user went on to watch at all."),
        QualityAxis(
            "diversity",
            "diversity",
            "Intra-list diversity: one minus the mean content similarity of two films of a list.",
        ),
        QualityAxis(
            "coverage",
            "coverage",
            "Catalogue coverage: different films shown over all slots; 1 if none came twice.",
            value_of="list's part of all lists",
        ),
        QualityAxis(
            "log loss",
            "log loss of the ranker",
            "Log loss of the ranker's predicted probabilities over the candidates.",
            "lower",
        ),
    ),
    requirements=Requirements(
        daily_users=100e6,
        requests_per_user=9.0,
        peak_factor=2.0,
        p99_ms=200.0,
        source="The interview's 100 million people a day and 200 ms; illustrative: nine visits each, doubled at the "
        "peak, over ten thousand films, ten of them new each day, as a film service has. Among the interview's 100 "
        "million videos no quality can be judged here. The age, the quality and the budget are illustrative too.",
        items=10_000.0,
        new_items_a_day=10.0,
        items_are="videos",
        freshness_h=24.0,
        quality_floor=0.04,
        budget_usd=50_000.0,
        stored_kb=Assumption(
            20.0,
            "kB an item",
            "illustrative: title, text and tags; the video itself belongs to the platform",
            "2026-11",
        ),
        upload_kb=Assumption(0.5, "kB a request", "illustrative: who asks, and the headers", "2026-11"),
        response_kb=Assumption(
            5.0, "kB an answer", "illustrative: ten titles with their addresses; pictures come from a CDN", "2026-11"
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
