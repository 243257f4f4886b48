"""Ad click prediction: how likely is this person to click this ad, as a chance that money may be multiplied with."""

from core.cases.ad_click.architecture import draw
from core.cases.ad_click.checks import CHECKS
from core.cases.ad_click.design import AdClick
from core.cases.ad_click.interview import INTERVIEW, PUBLISHED, SOURCES
from core.cases.ad_click.pipeline import run
from core.cases.ad_click.scaling import ABLATION_STEPS, LAW_BASIS, PRECOMPUTE, quality_growth, scaling_parts
from core.contract.case import Case, QualityAxis, Requirements
from core.contract.money import Assumption, BillBeside, Multiplier

CASE = Case(
    slug="ad_click",
    title="Ad click prediction",
    question="Simulated coupon log: predict calibrated click probabilities.",
    data=lambda design: "simulated" if design.data == "generated" else "real items, simulated behaviour",
    Design=AdClick,
    run=run,
    baseline=AdClick(model="lr", calibrator="none", features_from="table"),
    qualities=(
        QualityAxis(
            "ne",
            "Normalised entropy",
            "Log loss over that of always predicting the past click rate: 1 is no better than that.",
            "lower",
            value_of="household's part of all exposures",
        ),
        QualityAxis(
            "auc",
            "ROC AUC",
            "How often a clicked exposure gets a higher predicted probability than an unclicked one.",
            value_of="household's part of one ranking",
        ),
        QualityAxis(
            "calibration",
            "Calibration error",
            "Largest gap of predicted and observed clicks over any range of probabilities, as a share of all clicks.",
            "lower",
            value_of="household's part of all exposures",
        ),
        QualityAxis(
            "ap",
            "Average precision",
            "Mean precision at the score of each click.",
            value_of="household's part of one ranking",
        ),
        QualityAxis(
            "earned",
            "auction revenue",
            "Revenue per auction, in units of an average ad's bid times its click rate; bids are simulated.",
            badge="modelled",
        ),
    ),
    requirements=Requirements(
        daily_users=750e6,
        requests_per_user=6.0,
        peak_factor=2.0,
        p99_ms=30.0,
        source="750 million people a day and a million advertisers are Facebook's of 2014; the bound is that of the "
        "MLPerf DLRM server scenario; illustrative: six requests each, doubled at the peak, 50,000 new ads a "
        "day. The age, the quality and the budget are illustrative too.",
        items=1e6,
        new_items_a_day=50_000.0,
        items_are="ads",
        freshness_h=168.0,
        quality_floor=0.78,
        budget_usd=75_000.0,
        stored_kb=Assumption(150.0, "kB an item", "illustrative: an ad's picture and text", "2026-11"),
        upload_kb=Assumption(
            2.0, "kB a request", "illustrative: the page, the person's context and the headers", "2026-11"
        ),
        response_kb=Assumption(
            1.0,
            "kB an answer",
            "illustrative: the winner and its tracking addresses; its picture comes from a CDN",
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
            "Scoring twenty ads with Wide & Deep, cores alone",
            "requests_a_month",
            "requests",
            (
                Multiplier(20, "20 ads"),
                Multiplier(112 / 55_612.97 / 3600, "112 vCPUs ÷ 55,613 a second ÷ 3,600"),
                Multiplier(0.0316, "$0.0316 a vCPU-hour"),
            ),
            SOURCES["neural_compressor"],
            "2023-06",
            "Theirs is a larger network on full cores; most of our bill is traffic and logging.",
        ),
    ),
)
