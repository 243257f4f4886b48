"""Finding digits: find handwritten digits like this one."""

from core.cases.skeleton.architecture import draw
from core.cases.skeleton.checks import CHECKS
from core.cases.skeleton.design import Skeleton
from core.cases.skeleton.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.skeleton.pipeline import run
from core.cases.skeleton.scaling import ABLATION_STEPS, LAW_BASIS, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements

CASE = Case(
    slug="skeleton",
    title="Finding digits",
    question="Find handwritten digits like this one.",
    data="real",
    Design=Skeleton,
    run=run,
    baseline=Skeleton(dim=64),
    qualities=(QualityAxis("precision@5", "precision@5", "Share of the five nearest that are the same digit."),),
    requirements=Requirements(
        daily_users=86_400.0, requests_per_user=10.0, peak_factor=1.0, p99_ms=50.0, source="Illustrative."
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
)
