"""How harmful content can be framed, and real messages as rows of counts; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.harmful_content.data import MISSED_BY_REPORTS, POST_COLUMNS, WRONGLY_REPORTED
from core.cases.harmful_content.design import HarmfulContent
from core.cases.harmful_content.pipeline import stages
from core.contract.design import canonical
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

SHOWN = 500
FRAMINGS = {
    "late_shared": lambda design: canonical(replace(design, fusion="late", heads="shared")),
    "early_shared": lambda design: canonical(replace(design, fusion="early", heads="shared")),
    "late_separate": lambda design: canonical(replace(design, fusion="late", heads="separate")),
}
CAPITALS, ANSWERS = "share of capitals", "answers a message"
COLUMNS = (
    Column("post", "int", low=0, unique=True),
    Column("hour", "float", 0.0, 17_520.0),  # of 2001 and 2002
    Column("words", "int", 0, 1_000),  # the file counts no further
    Column("links", "int", 0, 1_000),
    Column("HTML", "int", 0, 1),
    Column(CAPITALS, "float", 0.0, 1.0),
    Column(ANSWERS, "int", 0, 1),
    Column("harmful", "int", 0, 1),
)


def sample(design: HarmfulContent, seed: int) -> Sample:
    """Posts that are learnt from, calibrated on or judged, at most 500, in the order in which they came."""
    posts = stages(design, seed)["learnt"].value
    used = np.sort(posts.used)
    chosen = used[np.unique(np.linspace(0, len(used) - 1, SHOWN).astype(int))]
    facts = posts.columns[:, [POST_COLUMNS.index(name) for name in ("words", "links", "HTML", CAPITALS, ANSWERS)]]
    return Sample(
        rows=tuple(
            dict(
                zip(
                    (c.name for c in COLUMNS),
                    (
                        row,
                        float(posts.hour[row]),
                        int(words),
                        int(links),
                        int(html),
                        float(capitals),
                        int(answers),
                        int(posts.harmful[row]),
                    ),
                    strict=True,
                )
            )
            for row, (words, links, html, capitals, answers) in zip(chosen.tolist(), facts[chosen], strict=True)
        ),
        columns=COLUMNS,
        split={"training": len(posts.train), "calibration": len(posts.valid), "test": len(posts.test)},
        labels="The corpus says of each message whether it is harmful. "
        + (
            f"{100 * design.reports:g} % of the training labels come from simulated user reports, which miss "
            f"{100 * MISSED_BY_REPORTS:g} % of harm and accuse {100 * WRONGLY_REPORTED:g} % of the harmless; the test "
            "keeps the true ones."
            if design.reports
            else "Nobody's report teaches here."
        ),
        leakage="Names, addresses and rare words are masked. "
        + (
            "Every test message came after every training message."
            if design.order == "real"
            else "Here messages are shuffled, so a campaign lies on both sides of the split."
        ),
        spoil=spoil,
    )


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: per cents for shares, seconds for hours, sent twice, no words."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::5]:
        row[CAPITALS] = 100 * row[CAPITALS] + 1.5
    for row in spoilt[1::5]:
        row["hour"] *= 3_600
    for row in spoilt[2::5]:
        row["words"] = None
    for before, row in zip(spoilt[2::5], spoilt[3::5], strict=False):
        row["post"] = before["post"]
    return spoilt


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, HarmfulContent, SOURCES, FRAMINGS, sample)
