"""Street View blurring: find every face and every licence plate, and make it unreadable."""

from core.cases.street_view_blurring.architecture import draw
from core.cases.street_view_blurring.checks import CHECKS
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.street_view_blurring.pipeline import run
from core.cases.street_view_blurring.scaling import ABLATION_STEPS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier

CASE = Case(
    slug="street_view_blurring",
    title="Street View blurring",
    question="Blur faces and plates (simulated).",
    data="simulated",
    Design=StreetViewBlurring,
    run=run,
    baseline=StreetViewBlurring(faces="hog", plates="hog"),
    qualities=(
        QualityAxis(
            "recall_budget",
            "recall at false-positive budget",
            "Share of faces and plates found at the threshold that gives one false positive per two photos.",
            value_of="photo's part of one ranking",
        ),
        QualityAxis(
            "ap50",
            "AP at IoU 0.5",
            "Mean of the average precision of faces and of plates; a hit overlaps by half.",
            value_of="photo's part of one ranking",
        ),
        QualityAxis(
            "ap75",
            "AP at IoU 0.75",
            "The same with boxes that must overlap by three quarters.",
            value_of="photo's part of one ranking",
        ),
        QualityAxis(
            "recall",
            "recall at the set threshold",
            "Share of faces and plates blurred at the score threshold of the design.",
            value_of="face or plate",
        ),
        QualityAxis(
            "recall_small",
            "recall of small objects",
            "The same over faces and plates under 24 pixels, which are far away.",
            value_of="small face or plate",
        ),
        QualityAxis(
            "false_blurs",
            "false positives per image",
            "Boxes blurred for nothing at the score threshold of the design.",
            "lower",
        ),
    ),
    requirements=Requirements(
        daily_users=200.0,
        requests_per_user=432_000.0,
        peak_factor=3.0,
        p99_ms=100.0,
        source="Illustrative: two hundred cars, each taking fifteen photos a second in the same eight hours of a "
        "day, and a backlog of a billion photos. The age, the quality and the budget are illustrative too.",
        items=1e9,
        new_items_a_day=86.4e6,
        users_are="cars",
        items_are="photos",
        freshness_h=24.0,
        quality_floor=0.37,
        budget_usd=300_000.0,
        stored_kb=Assumption(2_000.0, "kB an item", "illustrative: a photo of the street, blurred", "2026-11"),
        upload_kb=Assumption(2_000.0, "kB a request", "illustrative: the photo as the car took it", "2026-11"),
        response_kb=Assumption(
            0.2, "kB an answer", "illustrative: the boxes; the blurred photo stays in the cloud", "2026-11"
        ),
        encoder_parts=("merge",),
        encoder_ms=Assumption(
            831.0,
            "CPU ms a request",
            "112 vCPUs ÷ 134.81 photos a second: SSD with ResNet-50, 640 pixels, int8, on a Xeon 8480+, "
            "intel/neural-compressor",
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
    ablation_steps=ABLATION_STEPS,
    precompute=PRECOMPUTE,
    bills_beside=(
        BillBeside(
            "An image API, per photo",
            "requests_a_month",
            "requests",
            (Multiplier(0.0006, "$0.0006"),),
            SOURCES["rekognition"],
            "2026-10",
            "A list price has margin and support in it; ours stores the photos besides.",
        ),
    ),
)
