"""What is taken along: documents, tables, figures and the script, from figures made by hand and from real runs."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.analysis.figures import FIGURES, quality_figures, requirement_lines
from core.analysis.tradeoff_table import roles, tradeoff_rows, with_front
from core.catalog import BY_SLUG
from core.charts import tradeoff_svg
from core.contract import json_file
from core.contract.interview_spec import STEPS
from core.export import document, figures, script, tables
from core.export.bundle import TYPES, archive, files
from core.export.document import FIELDS, MOST_TYPED
from core.export.subject import MOST_ALTERNATIVES, Subject, rejected, why_not
from core.interview.decision import decide
from core.serving.cost import Assessment
from core.serving.evaluate import evaluate
from core.serving.scenario import Scenario
from tests import factory, toy_case
from tests.factory import KEY, NEEDS, measurement

ROOT = Path(__file__).parents[2]
TOYS = {"toy": toy_case.CASE}
HERE, OTHER, THIRD = (toy_case.ToyDesign(dim=dim) for dim in (16, 64, 4))
P99 = FIGURES["p99_ms"].axis
ATTACK = "<script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3)) `*_$`"
ALL = {field.key: f"I say {field.key}." for field in FIELDS}


def measured(per_query=(1.0,) * 100, service_ms=10.0, **facts):
    return measurement(per_query, service_ms, **facts)


def assessed(usd=100.0, p99_ms=20.0):
    return Assessment(2, 0.5, p99_ms, True, {"cores": usd, "memory": 1.0})


def evaluated(design=HERE, made=None, assessment=None, needs=NEEDS, case=toy_case.CASE):
    return factory.evaluated(made or measured(), Scenario(needs), design, case, assessment=assessment or assessed())


def subject(present=None, **changed):
    rows = tradeoff_rows(
        [evaluated(), evaluated(OTHER, measured(service_ms=40.0)), evaluated(THIRD, measured(POOR))],
        roles(HERE, OTHER),
        HERE,
    )
    beside = (evaluated(OTHER, measured(service_ms=40.0), assessed(usd=300.0)), evaluated())
    return replace(Subject(present or evaluated(), beside, tuple(rows), "https://host/toy?dim=16"), **changed)


NOT_FILLED_IN = "not filled in"
POOR = (1.0,) * 60 + (0.0,) * 40


class Page(HTMLParser):
    """Tags, addresses and texts of a document."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.classes = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.tags.append(tag)
        self.addresses += [named[name] for name in ("src", "href", "xlink:href") if name in named]
        self.classes.append(named.get("class") or "")
        assert not any(name.startswith("on") for name in named), named


# -- the document ------------------------------------------------------------------------------------------------------


def test_a_document_holds_every_part_that_was_promised():
    text = document.markdown(subject(made_on="2026-11-22"), ALL)
    for title in ("Decision", "Requirements", "The design", "What it gives", "Can it ship?", "Cost per month",
                  "Why this design", "Rejected alternatives", "Risks", "How to get these figures again"):  # fmt: skip
        assert f"\n## {title}\n" in text, title
    assert "| precision@5 | 1.000 | 0.964 to 1.000 | measured |" in text
    assert r"| cost per month | \$101 per month |  | modelled |" in text
    assert "| load at peak | 100/s |" in text
    assert "Meets the SLO. Binding constraint: p99 under load." in text
    assert "`https://host/toy?dim=16`" in text and "| python |" in text and "2026-11-22" in text
    assert all(said in text for said in ALL.values()) and NOT_FILLED_IN not in text


def test_required_fields_left_empty_are_marked_and_optional_ones_left_out():
    n = sum(field.required for field in FIELDS)
    assert 0 < n < len(FIELDS)
    for typed in ({}, {field.key: "  \n " for field in FIELDS}):
        assert document.markdown(subject(), typed).count(NOT_FILLED_IN) == n
        assert Page(document.html(subject(), typed)).classes.count("missing") == n
    assert "Next step" not in document.markdown(subject(), {}) and "Next step" in document.markdown(subject(), ALL)


def test_script_text_in_a_rationale_stays_text():
    typed = dict.fromkeys(ALL, ATTACK)
    page = Page(document.html(subject(), typed))
    assert "script" not in page.tags and "img" not in page.tags
    assert page.addresses == ["https://host/toy?dim=16"]
    text = document.markdown(subject(), typed)
    assert "<script" not in text and "<img" not in text and "[x](" not in text


def test_a_rationale_is_cut_to_its_bound():
    text = document.html(subject(), {"rationale": "x" * 100_000})
    assert "x" * MOST_TYPED in text and "x" * (MOST_TYPED + 1) not in text


def test_the_html_needs_no_network_no_script_and_prints():
    text = document.html(subject(), ALL)
    page = Page(text)
    assert not {"script", "link", "iframe", "object", "img"} & set(page.tags)
    assert page.tags.count("svg") == 3  # the drawing and two charts
    assert "@media print" in text and "default-src 'none'" in text and "@import" not in text
    assert "url(" not in text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "/toy?dim=16", 'https://x/"onclick="alert(1)'])
def test_only_a_web_address_can_be_followed(address):
    page = Page(document.html(subject(link=address), ALL))
    assert page.addresses == ([address] if address.startswith("https://") else [])


def test_lines_and_paragraphs_that_were_typed_are_kept():
    typed = {"decision": "one\ntwo\n \n  three | four\n# five"}
    page = document.html(subject(), typed)
    assert page.count('<p class="written">') == 2 and "one<br>two" in page
    assert "\n\n> one\n> two\n> \n> three \\| four\n> \\# five\n\n## " in document.markdown(subject(), typed)


def test_a_design_that_misses_says_what_rules_it_out():
    needs = replace(NEEDS, quality_floor=1.1)
    assert "Misses the SLO: precision@5." in document.markdown(subject(evaluated(needs=needs)), ALL)


def test_the_pitfalls_of_the_seven_steps_stand_beside_the_risks():
    case = BY_SLUG["ad_click"]
    pitfalls = [pitfall for stop in case.interview.stops.values() for pitfall in stop.pitfalls]
    text = document.html(subject(evaluated(case=replace(toy_case.CASE, interview=case.interview))), ALL)
    assert len(pitfalls) >= 3 and all(pitfall in unescape(text) for pitfall in pitfalls)
    assert "often goes wrong" not in document.html(subject(), ALL)


def test_without_other_designs_the_document_says_so():
    text = document.markdown(subject(alternatives=(), rows=()), ALL)
    assert "No other design was measured on these data." in text


# -- rejected alternatives ---------------------------------------------------------------------------------------------


def test_why_not_names_what_is_missed_before_anything_else():
    slow = evaluated(OTHER, measured(), assessed(p99_ms=80.0))
    assert why_not(evaluated(), slow) == "misses the SLO: p99 under load 80 ms instead of 50 ms"


def test_why_not_tells_dominated_from_a_trade():
    dearer = evaluated(OTHER, measured(), assessed(usd=300.0))
    assert why_not(evaluated(), dearer).startswith("dominated by this design: cost per month 3× higher")
    trade = evaluated(OTHER, measured(service_ms=2.0), assessed(usd=300.0))
    assert why_not(evaluated(), trade) == (
        "a trade: cost per month 3× higher; for p99 service time 5× lower, p50 service time 5× lower"
    )
    cheaper = evaluated(OTHER, measured(), assessed(usd=10.0))
    assert why_not(evaluated(), cheaper) == "nothing measured speaks against it: cost per month 9.2× lower"
    assert why_not(evaluated(), evaluated(OTHER, measured(), assessed())) == "not told apart from this one"


def test_the_present_design_is_not_an_alternative_and_their_number_is_bounded():
    assert [name for name, _ in rejected(subject())] == ["the one with embedding size 64"]
    many = tuple(evaluated(OTHER, measured(), assessed()) for _ in range(50))
    assert len(rejected(subject(alternatives=many))) == MOST_ALTERNATIVES


# -- tables ------------------------------------------------------------------------------------------------------------


def test_every_table_goes_into_csv_and_comes_back():
    made = tables.tables(subject())
    assert set(made) == set(tables.NAMES)
    for name, rows in made.items():
        read = list(csv.DictReader(io.StringIO(tables.as_csv(rows))))
        assert len(read) == len(rows), name
    (quality,) = csv.DictReader(io.StringIO(tables.as_csv(made["quality"])))
    assert float(quality.pop("low")) == pytest.approx(0.964, abs=1e-3)  # 100 of 100 are not surely all
    assert quality.pop("covers") == "95 % over 100 queries of one world"
    assert quality == {
        "quality": KEY,
        "value": "1.0",
        "high": "1.0",
        "n_queries": "100",
        "this_world": "1.0",
        "at_items": "0",
    }


def test_a_text_that_a_spreadsheet_would_run_is_quoted():
    assert tables.as_csv([{"a": "=1+1", "b": -1.5}]) == "a,b\n'=1+1,-1.5\n"


def test_json_holds_everything_and_is_read_back():
    text = tables.as_json(subject())
    whole = json.loads(text)
    assert (whole["schema"], whole["version"], whole["case"], whole["seed"]) == ("kneepoint/design", 1, "toy", 0)
    assert whole["requirements"]["p99_ms"] == 50.0 and len(whole["tables"]["designs"]) == 3
    found = tables.read_json(TOYS, text)
    assert (found.case, found.design, found.seed, found.notes) == (toy_case.CASE, HERE, 0, ())
    assert found.figures[KEY] == 1.0 and found.figures["p99_ms"] == 10.0
    assert found.figures["cpu_ms"] == evaluated().sized.request_cpu_ms
    assert tables.read_json(TOYS, text.encode()) == found


def test_what_is_not_finite_is_null():
    whole = json.loads(tables.as_json(subject(evaluated(assessment=assessed(p99_ms=float("inf"))))))
    assert whole["figures"]["load_p99_ms"] is None


def altered(**changed):
    return json.dumps({**json.loads(tables.as_json(subject())), **changed})


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "is broken: it is not JSON"),
        ("{", "is broken: it is not JSON"),
        (b"\xff\xfe\x00", "is broken: it is not JSON"),
        ("[" * 100_000, "is broken: it is not JSON"),
        ("[]", "not a design saved by Kneepoint"),
        ("{}", "not a design saved by Kneepoint"),
        (altered(schema="other"), "not a design saved by Kneepoint"),
        (altered(version=2), "of version 2 and this app reads version 1"),
        (altered(version=None), "of version None"),
        (altered(case="gone"), "no case “gone”"),
        (altered(design=[1]), "not a design saved by Kneepoint, or it was changed: design:"),
        (" " * (json_file.MOST_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_a_file_from_another_version_or_broken_is_told(text, said):
    with pytest.raises(ValueError, match=said):
        tables.read_json(TOYS, text)


def test_a_design_that_no_longer_exists_opens_the_nearest_and_says_so():
    found = tables.read_json(TOYS, altered(design={"dim": "17", "old": "1", "seed": "0"}, figures={}))
    assert found.design == toy_case.ToyDesign(dim=16) and found.figures == {}
    assert len(found.notes) == 2 and "17" in found.notes[0] and "old" in found.notes[1]


# -- figures -----------------------------------------------------------------------------------------------------------


def drawn(svg):
    return ElementTree.fromstring(svg)


def test_every_figure_is_whole_svg_with_its_words():
    made = {"drawing": figures.drawing(subject()), **figures.charts(subject())}
    assert set(made) == {"drawing", *figures.AGAINST}
    for svg in made.values():
        root = drawn(svg)
        words = {child.tag.rpartition("}")[2]: child.text for child in root}
        assert words["title"] and len(words["desc"].split()) > 5


def test_the_chart_holds_each_design_the_front_the_bound_and_the_present_one():
    y = quality_figures(toy_case.CASE)[KEY].axis
    lines = requirement_lines(toy_case.CASE, Scenario(replace(NEEDS, quality_floor=0.8)), P99, y)
    svg = tradeoff_svg(with_front(subject().rows, P99, y), P99, y, lines=lines)
    texts = [text.text for text in drawn(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("this design") == 2  # at its mark and in the legend
    assert {"SLO", "baseline"} <= set(texts)
    points = [path.get("d") for path in drawn(svg).iter("{http://www.w3.org/2000/svg}path")]
    assert len(points) >= 3 + 2 and not any("nan" in point or "inf" in point for point in points)


def test_a_better_design_stands_higher_and_a_quicker_one_further_left():
    y = quality_figures(toy_case.CASE)[KEY].axis

    def place(design, quality, p99):
        row = {KEY: quality, "p99_ms": p99, "role": "sweep", "on_front": True, "design": design}
        rest = {KEY: 0.5, "p99_ms": 10.0, "role": "present", "design": ""}
        path = next(iter(drawn(tradeoff_svg([row, rest], P99, y)).iter("{http://www.w3.org/2000/svg}path")))
        return tuple(map(float, path.get("d")[1:].split("a")[0].split()))

    assert place("a", 0.9, 5.0)[1] < place("a", 0.4, 5.0)[1]
    assert place("a", 0.9, 5.0)[0] < place("a", 0.9, 50.0)[0]


def test_an_empty_chart_says_so():
    y = quality_figures(toy_case.CASE)[KEY].axis
    assert "Nothing measured yet" in tradeoff_svg([], FIGURES["usd"].axis, y)


def test_one_design_alone_can_be_drawn():
    alone = subject(rows=subject().rows[:1])
    assert all("nan" not in svg for svg in figures.charts(alone).values())


# -- everything at once ------------------------------------------------------------------------------------------------


def test_every_file_has_a_type_and_the_archive_holds_them_all():
    made = files(subject(), ALL)
    assert all(name.rpartition(".")[2] in TYPES for name in made)
    with zipfile.ZipFile(io.BytesIO(archive(made))) as packed:
        assert packed.namelist() == list(made) and packed.testzip() is None
        assert all(packed.read(name) for name in made)


# -- the script --------------------------------------------------------------------------------------------------------


def real(slug, design=None):
    case = BY_SLUG[slug]
    design = case.Design() if design is None else design
    return Subject(evaluate(case, design, case.run(design, seed=3), Scenario(case.requirements), 3))


def executed(text, folder, cwd=ROOT):
    path = folder / "taken along.py"
    path.write_text(text)
    environment = {**os.environ, "PYTHONPATH": ""}
    return subprocess.run([sys.executable, path], cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["visual_search", "ad_click"])
def test_the_script_measures_the_same_quality_to_the_last_bit(slug, tmp_path):
    taken = real(slug)
    ran = executed(script.script(taken), tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for key, e in taken.present.measured.quality.items():
        assert f"{key:32} {float(e.value)!r} page {float(e.value)!r}\n" in ran.stdout
    for label in ("p99_ms", "memory_bytes", "usd_per_month"):
        assert label in ran.stdout


@pytest.mark.slow
def test_the_script_exits_with_1_when_a_quality_differs_in_the_last_bit(tmp_path):
    taken = real("visual_search")
    key, e = next(iter(taken.present.measured.quality.items()))
    other = replace(
        taken.present.measured, quality={**taken.present.measured.quality, key: replace(e, value=e.value + 2**-50)}
    )
    ran = executed(script.script(replace(taken, present=replace(taken.present, measured=other))), tmp_path)
    assert ran.returncode == 1 and ran.stdout.count("DIFFERS") == 1, ran.stdout + ran.stderr


def test_the_script_exits_with_2_when_the_design_is_no_longer_on_offer(tmp_path):
    case = BY_SLUG["visual_search"]
    taken = Subject(evaluated(case.Design(), needs=case.requirements, case=case))
    text = script.script(taken).replace("'catalogue':", "'gone': '1', 'catalogue':")
    assert "'gone'" in text
    ran = executed(text, tmp_path)
    assert ran.returncode == 2 and "another design space" in ran.stdout and "gone" in ran.stdout


def test_the_script_says_where_it_has_to_be_run(tmp_path):
    ran = executed(script.script(subject()), tmp_path, cwd=tmp_path)
    assert ran.returncode == 2 and "Run this in the folder of Kneepoint's source" in ran.stderr


def test_a_figure_without_bound_is_still_python():
    compile(script.script(subject(evaluated(assessment=assessed(p99_ms=float("inf"))))), "script", "exec")


def test_the_document_takes_the_reasons_written_at_the_steps_and_the_drawing_with_its_load():
    plain = document.markdown(subject(), ALL)
    assert STEPS["frame"] not in plain and "replicas" in plain.split("What it gives")[0]
    case = BY_SLUG["visual_search"]
    why = "Words would never find a pattern | <b>nor a colour</b>."
    card = decide(evaluated(case.Design(), visual_measured(case), case=case), "frame", why)
    told = document.markdown(subject(decisions=(card,)), ALL)
    assert card.question in told and "Words would never find a pattern" in told and "<b>" not in told
    assert "Words would never find a pattern" in document.html(subject(decisions=(card,)), ALL)


def visual_measured(case):
    qualities = {axis.key: measured().quality[KEY] for axis in case.qualities}
    return measured(quality=qualities)
