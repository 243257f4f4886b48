"""People you may know: suggest the ten people whom somebody will be linked with next."""

from core.cases.people_you_may_know.architecture import draw
from core.cases.people_you_may_know.checks import CHECKS
from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow
from core.cases.people_you_may_know.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.people_you_may_know.pipeline import run
from core.cases.people_you_may_know.scaling import ABLATION_STEPS, LAW_BASIS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier

CASE = Case(
    slug="people_you_may_know",
    title="People you may know",
    question="Suggest ten people each user probably knows already.",
    data=lambda design: "simulated" if design.graph == "drawn" else "real",
    Design=PeopleYouMayKnow,
    run=run,
    baseline=PeopleYouMayKnow(scorer="common", hub_cap=NO_CAP, half_life=0, profile=0.0),
    qualities=(
        QualityAxis(
            "recall@10",
            "recall@10",
            "Of the links that a user makes next, the share among the ten suggested. Users count as independent.",
        ),
        QualityAxis("hit@10", "hit@10", "Share of users for whom at least one of the ten becomes a link."),
        QualityAxis(
            "mrr@10", "MRR@10", "One over the rank of the first suggestion that becomes a link, 0 without one."
        ),
        QualityAxis(
            "reach", "candidate recall", "Share of the next links among the candidates: no scorer can find the others."
        ),
        QualityAxis(
            "auc_random",
            "AUC, random negatives",
            "How often a next link outscores a random person.",
            value_of="judged next link",
        ),
        QualityAxis(
            "auc_near",
            "AUC, two-hop negatives",
            "How often a next link outscores a friend of a friend who stays unlinked.",
            value_of="judged next link",
        ),
    ),
    requirements=Requirements(
        daily_users=100e6,
        requests_per_user=1.0,
        peak_factor=1.0,
        p99_ms=50.0,
        source="The interview's billion members; illustrative: 100 million of them look once a day, half a million "
        "are new. The age, the quality and the budget are illustrative too.",
        items=1e9,
        new_items_a_day=0.5e6,
        items_are="members",
        freshness_h=744.0,
        quality_floor=0.16,
        budget_usd=5_000.0,
        stored_kb=Assumption(2.0, "kB an item", "illustrative: a profile's name, place of work and links", "2026-11"),
        upload_kb=Assumption(0.5, "kB a request", "illustrative: who asks, and the headers", "2026-11"),
        response_kb=Assumption(
            3.0,
            "kB an answer",
            "illustrative: ten names with their shared friends; pictures come from a CDN",
            "2026-11",
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
            "A managed recommender, by its rate",
            "peak_rps",
            "requests a second",
            (Multiplier(200.0, "$200"),),
            SOURCES["airec"],
            "undated copy",
            "A list price per rate that is reserved; ours counts two cores that share friends.",
        ),
    ),
)
