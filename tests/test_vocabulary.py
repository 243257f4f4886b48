"""What a reader is told uses the field's words: no text of the app says a term that vocabulary replaced."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from core.catalog import CASES
from core.checks.common import checks_of
from core.contract.design import knobs

ROOT = Path(__file__).parents[1]
# replaced term → what to say; each is a pattern over one text, in lower case
REPLACED = {
    r"\bcan (this )?ship\b": "meets the SLO",
    r"\bwhat binds\b": "binding constraint",
    r"\bruled out by\b": "misses the SLO",
    r"\bbeaten\b": "dominated",
    r"\bon the front\b": "Pareto-optimal",
    r"\bwhat was asked\b": "requirements and SLO",
    r"\bwhat follows from it\b": "the panel's own name",
    r"\bwhere the quality goes\b": "quality loss by stage",
    r"\bwhat came back\b": "example results",
    r"\bwhat would be built\b": "architecture",
    r"\bwhat to notice\b": "findings, checked here",
    r"\btake it along\b": "export",
    r"\b(un)?pin(ned)?\b": "save to comparison",
    r"\bdata dials?\b": "data conditions",
    r"\ba month\b": "per month",
    r"\ba million requests\b": "per 1M requests",
    r"\bmemory of a replica\b": "memory per replica",
    r"\bagainst the last move\b": "vs previous",
    r"\brecall at the budget\b": "recall at false-positive budget",
    r"\brecall as set\b": "recall at the set threshold",
    r"\bfalse blurs a photo\b": "false positives per image",
    r"\bnewcomers?\b": "cold-start users",
    r"\bknown people\b": "warm users",
    r"\btakings\b": "revenue",
    r"\bplaces filled\b": "slots filled",
    r"\bneighbours@10\b": "ANN recall@10",
    r"\blearnt from\b": "training set size",
    r"\bsearch effort\b": "nprobe / efSearch",
    r"\blists probed\b": "nprobe",
    r"\bbits a dimension\b": "SQ8",
    r"\bsign bits\b": "binary (Hamming)",
    r"\brequests a batch\b": "batch size",
    r"\bgradients and layout\b": "HOG + colour layout",
    r"\beigen-images\b": "PCA of pixels",
    r"\bhidden dimensions\b": "intrinsic dimension",
    r"\bblur from\b": "score threshold",
    r"\bsecond look\b": "second-stage verifier",
    r"\bwords alone\b": "BM25",
    r"\bvectors alone\b": "dense",
    r"\balike enough\b": "similarity threshold",
    r"\bcorrect the chances\b": "probability calibration",
    r"\btrees into lr\b": "GBDT + LR",
    r"\boutside offer\b": "competing bids",
    r"\bads scored\b": "candidates scored",
    r"\bnegatives kept\b": "negative downsampling rate",
    r"\blinks held back\b": "held-out links",
    r"\bkept by the pre-ranker\b": "pre-ranker output size",
    r"\bstanding still\b": "repeated frames",
    r"\bchances\b": "probabilities",
    r"\breceipt\b": "error",
}  # fmt: skip
FOLDERS = ("core/ui", "core/charts", "core/analysis", "core/export", "core/interview", "core/serving", "pages")


def texts_of(path):
    """(place, text) for every text in a module that a reader may be told: its docstrings and names are none."""
    tree = ast.parse(path.read_text())
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        told_here = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
        if told_here and (" " in node.value or node.value.istitle()):  # a word alone is a key
            yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def values(table):
    """Every text in a table of a TOML file."""
    for value in table.values() if isinstance(table, dict) else table:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (dict, list)):
            yield from values(value)


def replaced_in(places):
    return [
        f"{place}: “{found[0]}” → {instead}: {text[:80]}"
        for place, text in places
        for pattern, instead in REPLACED.items()
        if (found := re.search(pattern, text.lower()))
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_texts_of_the_app_use_the_words_of_the_field(folder):
    places = [place for path in sorted((ROOT / folder).rglob("*.py")) for place in texts_of(path)]
    assert len(places) > 5 and not replaced_in(places)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_a_case_uses_the_words_of_the_field(case):
    labels = [(f"knob {name}", text) for name, knob in knobs(case.Design).items()
              for text in (knob.label, *map(knob.text, knob.options))]  # fmt: skip
    labels += [(f"quality {axis.key}", axis.label) for axis in case.qualities]
    labels += [(check.id, check.sentence) for check in checks_of(case)]
    labels += [("question", case.question), *(("published", figure.what) for figure in case.published)]
    for path in sorted((ROOT / "core" / "cases" / case.slug).glob("*.toml")):
        labels += [(path.name, text) for text in values(tomllib.loads(path.read_text()))]
    assert not replaced_in(labels)


def test_a_replaced_term_is_found_and_a_word_that_holds_one_is_not():
    assert replaced_in([("here", "69 ruled out by the SLO")]) and replaced_in([("here", "$5 a month")])
    assert not replaced_in([("here", "opinion on spinning, unbeaten frontiers")])
