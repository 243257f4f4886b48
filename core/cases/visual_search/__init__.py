"""Visual search: find the images that look like this one."""

from core.cases.visual_search.architecture import draw
from core.cases.visual_search.checks import CHECKS
from core.cases.visual_search.design import VisualSearch
from core.cases.visual_search.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.visual_search.pipeline import run
from core.cases.visual_search.scaling import ABLATION_STEPS, LAW_BASIS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier

CASE = Case(
    slug="visual_search",
    title="Visual search",
    question="Find images of what a photo shows; here, emoji.",
    data=lambda design: "simulated" if design.dataset == "textures" else "real",
    Design=VisualSearch,
    run=run,
    baseline=VisualSearch(encoder="pixels", dim=128, reduce="pca", index="flat"),
    qualities=(
        QualityAxis(
            "ndcg@10", "nDCG@10", "Right results early in the list; the same object counts most, its kind less."
        ),
        QualityAxis(
            "recall@10",
            "recall@10",
            "ANN recall: share of the ten exact nearest neighbours by full vectors that the index returns.",
        ),
        QualityAxis("precision@10", "precision@10", "Share of the ten results of the same kind."),
        QualityAxis("R@1", "R@1", "How often the first result is the same object, drawn by another artist."),
        QualityAxis("R@10", "R@10", "How often the same object is among the ten results."),
    ),
    requirements=Requirements(
        daily_users=100e6,
        requests_per_user=10.0,
        peak_factor=2.0,
        p99_ms=100.0,
        source="Illustrative: ten searches of each of 100 million people, a hundred times the 230 a second that "
        "Pinterest published for 2017, over a shop's 20,000 images: further from the 3,704 that are measured, "
        "its quality is a wide band. The interview speaks of billions. Staleness, quality and budget are illustrative.",
        items=20e3,
        new_items_a_day=200.0,
        items_are="images",
        freshness_h=24.0,
        quality_floor=0.36,
        budget_usd=250_000.0,
        stored_kb=Assumption(100.0, "kB an item", "illustrative: one photograph for the page", "2026-11"),
        upload_kb=Assumption(100.0, "kB a request", "illustrative: a photograph, made smaller on the phone", "2026-11"),
        response_kb=Assumption(
            2.0,
            "kB an answer",
            "illustrative: ten addresses with titles and scores; pictures come from a CDN",
            "2026-11",
        ),
        encoder_parts=("encode",),
        encoder_ms=Assumption(
            52.7,
            "CPU ms a request",
            "112 vCPUs ÷ 2,123.7 images a second: ResNet-50 v1.5, int8, on a Xeon 8480+, intel/neural-compressor",
            "2023-06-19",
        ),
        item_encoder_ms=Assumption(
            52.7, "CPU ms a new item", "the same network as for a request, intel/neural-compressor", "2023-06-19"
        ),
    ),
    draw=draw,
    checks=CHECKS,
    published=PUBLISHED,
    sources=tuple(SOURCES.values()),
    scaling_parts=scaling_parts,
    quality_growth=quality_growth,
    law_basis=LAW_BASIS,
    ablation_steps=ABLATION_STEPS,
    precompute=PRECOMPUTE,
    interview=INTERVIEW,
    bills_beside=(
        BillBeside(
            "An image API, per picture",
            "requests_a_month",
            "requests",
            (Multiplier(0.0006, "$0.0006"),),
            SOURCES["rekognition"],
            "2026-10",
            "A list price has margin, support and a far larger network in it.",
        ),
        BillBeside(
            "All of Pinterest's cloud",
            "",
            "",
            (
                Multiplier(750000000.0, "$750 million"),
                Multiplier(1 / 72, "1/72, a month of six years"),
            ),
            SOURCES["pinterest_s1"],
            "2019",
            "That is a whole company; ours is one search, at a hundred times its load.",
        ),
    ),
)
