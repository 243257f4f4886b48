"""What was asked is what is judged: the size of the requirements, the laws that carry it there, and their limits."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from core.analysis.figures import FIGURES, quality_figures
from core.catalog import CASES
from core.contract.scaling_spec import Precompute, QualityGrowth, fixed, linear
from core.export import document
from core.export.subject import Subject
from core.export.tables import as_json, quality_rows
from core.runtime.results import RESULTS
from core.scaling.laws import OTHER_MACHINE, Law
from core.scaling.quality import Carried, carry
from core.scaling.recorded import EffortLaw, Laws, QualityLaw, WorkLaw
from core.serving.evaluate import evaluate
from core.serving.projection import keys_asked
from core.serving.requirement_text import required
from core.serving.scenario import Scenario
from core.serving.slo import NOT_JUDGED, Constraint, verdict
from tests.cases_of_tests import few_or_all
from tests.factory import KEY, asked, case, evaluated, measurement, round_prices

each_case = few_or_all(CASES)
LAW = QualityLaw("made", "", slope=-0.2, low=-0.3, high=-0.1, held_out=0.0, largest=1_000)
FALLS = QualityGrowth("more to tell apart", at=lambda design, times, seed: None)


def at(n, **more):
    """A design over a thousand items whose search scans them, under requirements of `n`."""
    measured = measurement(service_ms=1.0, n_items=1_000, memory_bytes=8_000, cpu_ms={"search": 1.0})
    parts = (linear("rows", 1_000, "every row is read", bytes_each=8.0, part="search"),)
    grows = case(lambda design, seed: measured, scaling_parts=lambda design, measured: parts, **more)
    scenario = Scenario(asked(10.0, 50.0, items=n, quality_floor=0.3, budget_usd=1e6), round_prices())
    return evaluated(measured, scenario, case=grows)


def test_by_hand_verdict_bill_and_memory_are_about_the_items_asked():
    small, large = at(1_000), at(20_000)
    assert small.sized is not large.sized and small.measured is not large.sized
    assert (small.sized.memory_bytes, large.sized.memory_bytes) == (8_000, 160_000)
    assert FIGURES["p50_ms"].read(large) == pytest.approx(20.0)
    assert FIGURES["p50_ms"].badge_of(small) == "measured" and FIGURES["p50_ms"].badge_of(large) == "projected"
    assert small.constraints[0].verdict == "meets" and at(1_000_000).constraints[0].verdict == "misses"
    assert large.assessment.total_usd > small.assessment.total_usd
    assert large.as_measured.sized.memory_bytes == 8_000


def test_what_no_law_covers_is_never_met():
    measured = at(1_000, quality_growth=None)
    assert measured.quality(KEY).judged  # at the measured size
    unknown = at(20_000)
    floor = next(c for c in unknown.constraints if c.key == "quality_floor")
    assert not unknown.quality(KEY).judged and floor.verdict == "cannot say" and floor.unsure == NOT_JUDGED
    stays = at(20_000, quality_growth=lambda design: QualityGrowth("each request is judged by itself"))
    assert stays.quality(KEY).judged and stays.quality(KEY).value == stays.measured.quality[KEY].value


def test_an_export_names_no_quality_at_a_size_that_no_law_carries_it_to():
    text, whole = document.markdown(Subject(at(20_000)), {}), json.loads(as_json(Subject(at(20_000))))
    row = next(line for line in text.splitlines() if f"| {NOT_JUDGED} |" in line)
    assert [cell.strip() for cell in row.strip("| ").split("|")][1:3] == [NOT_JUDGED, ""]
    assert whole["at_items"] == 20_000 and KEY not in whole["figures"] and "load_p99_ms" in whole["figures"]
    assert whole["figures_as_measured"][KEY] == 0.5 and whole["measured_items"] == 1_000
    assert json.loads(as_json(Subject(at(1_000))))["figures"][KEY] == 0.5


@each_case
def test_no_quality_but_the_first_is_shown_as_carried_to_another_size(case):
    others = case.qualities[1:]
    scenario = Scenario(replace(case.requirements, items=1e9))
    shown = evaluate(case, case.Design(), case.run(case.Design()), scenario)
    growth = case.quality_growth(shown.design) if case.quality_growth else None
    stays = growth is not None and growth.at is None
    of_items = {row["quality"]: row["at_items"] for row in quality_rows(shown)}
    for axis in (axis for axis in others if axis.key in shown.measured.quality):
        quality, figure = shown.quality(axis.key), quality_figures(case, shown)[axis.key]
        assert quality.value == shown.as_measured.quality(axis.key).value and quality.judged == stays
        assert figure.note(shown) == ("" if stays else NOT_JUDGED) and figure.badge_of(shown) != "projected"
        assert of_items[axis.key] == (shown.sized.n_items if stays else shown.measured.n_items)


def test_by_hand_a_quality_falls_by_its_slope_per_decade():
    found = carry((0.5, 0.45, 0.55), "higher", FALLS, LAW, 1_000, 100_000)  # two decades of -0.2 from a logit of 0
    assert found.judged and found.value == pytest.approx(1 / (1 + 2.718281828**0.4))
    assert found.low < found.value < found.high
    errors = carry((0.5, 0.45, 0.55), "lower", FALLS, replace(LAW, slope=0.2, low=0.1, high=0.3), 1_000, 100_000)
    assert errors.value == pytest.approx(1 - found.value) and errors.high == pytest.approx(1 - found.low)


def test_more_items_are_never_credited_as_easier_and_fewer_are_as_measured():
    easier = replace(LAW, slope=0.2, low=0.1, high=0.3)
    assert carry((0.5, 0.4, 0.6), "higher", FALLS, easier, 1_000, 10**5).value == 0.5
    assert carry((0.5, 0.4, 0.6), "higher", FALLS, LAW, 1_000, 500) == Carried(
        0.5, 0.4, 0.6, True, "measured at no fewer items"
    )


def test_the_interval_widens_with_the_size():
    widths = []
    for items in (2_000, 5_000, 20_000, 100_000):
        found = carry((0.5, 0.45, 0.55), "higher", FALLS, replace(LAW, held_out=0.05), 1_000, items)
        widths.append(found.high - found.low)
    assert widths == sorted(widths) and widths[0] > 0.1


@pytest.mark.parametrize(
    ("growth", "law", "items"),
    [
        (None, None, 10_000),
        (FALLS, None, 10_000),
        (FALLS, replace(LAW, held_out=0.5), 10_000),  # it did not predict the larger size
        (FALLS, LAW, 200_000),  # beyond a hundred times what was tried
    ],
)
def test_a_quality_without_a_law_that_holds_is_not_judged(growth, law, items):
    found = carry((0.5, 0.45, 0.55), "higher", growth, law, 1_000, items)
    assert not found.judged and found.why
    largest = (
        (0.5, 0.45, 0.55)
        if growth is None or law is None or not law.supported
        else carry((0.5, 0.45, 0.55), "higher", growth, law, 1_000, 100_000)
    )  # what is shown beyond a law is its last word
    assert found.value == (largest[0] if isinstance(largest, tuple) else largest.value)


def test_by_hand_what_lies_within_its_interval_cannot_be_said():
    floor = Constraint("quality_floor", "recall", 0.7, 0.72, "", "higher", band=(0.66, 0.78))
    assert floor.verdict == "cannot say" and not floor.met and floor.unsure == "within its interval"
    assert replace(floor, band=(0.71, 0.78)).verdict == "meets"
    assert replace(floor, band=(0.5, 0.69)).verdict == "misses"
    bound = Constraint("p99_ms", "p99", 50.0, 40.0, "ms", "lower", band=(30.0, 60.0))
    assert bound.verdict == "cannot say" and replace(bound, band=(51.0, 60.0)).verdict == "misses"
    assert verdict([floor, replace(bound, band=(1.0, 2.0))]) == "cannot say"
    assert replace(bound, band=(1.0, 2.0), unjudged="no law").verdict == "cannot say"
    assert replace(bound, band=(51.0, 60.0), unjudged="no law").verdict == "misses"


WORK = tuple(
    WorkLaw(Law("ivf_flat", dim, effort, 5.0, dim / 10, (1.0, 0.0), ((1e6, 1.0),), 40_000), 0.1)
    for dim in (16, 64)
    for effort in (2, 32)
)
EFFORT = EffortLaw("made", "ivf_flat", exponent=0.5, held_out=1.1, largest=40_000)
LAWS = Laws("2026-11-29", "a processor", {"ivf_flat": WORK}, {("made", "ivf_flat"): EFFORT}, {})


def test_by_hand_the_effort_grows_with_the_root_of_the_items_and_not_beyond_the_lists():
    assert LAWS.retuned("made", "ivf_flat", 8, 10_000, 1_000_000) == 80
    assert LAWS.retuned("made", "ivf_flat", 8, 10_000, 100) == 2  # all lists there are
    assert LAWS.retuned("made", "ivf_flat", 8, 10_000, 10_000) == 8
    assert LAWS.retuned("made", "flat", 1, 10_000, 10**9) == 0
    assert LAWS.retuned("other", "ivf_flat", 8, 10_000, 10**6) is None
    assert LAWS.retuned("made", "ivf_flat", 8, 10_000, 10**9) is None  # beyond ten thousand times what was tried


def test_a_law_lies_between_those_recorded():
    law, error = LAWS.index_law("ivf_flat", 40, 8)
    assert law.ns_each == pytest.approx(4.0) and error == OTHER_MACHINE - 1
    assert LAWS.index_law("ivf_flat", 128, 8)[0].ns_each == pytest.approx(12.8)
    assert LAWS.index_law("pq8", 40, 8) is None


def test_by_hand_keys_are_users_items_or_the_requests_between_two_runs():
    requirements = asked(100.0, items=5e6)
    per = {per: Precompute({}, {}, {}, len, "keys", per=per) for per in ("user", "item", "once")}
    assert keys_asked(per["user"], requirements, 24) == requirements.daily_users
    assert keys_asked(per["item"], requirements, 24) == 5e6
    assert keys_asked(per["once"], requirements, 12) == requirements.requests_a_day / 2
    assert keys_asked(None, requirements, 24) == 0


@each_case
def test_ten_thousand_twenty_million_and_a_billion_are_answered_and_none_is_cheaper(case):
    design = case.Design()
    measured = RESULTS.measure(case, design, 0)
    answers = [
        evaluate(case, design, measured, Scenario(required(case.requirements, [f"items={n}"]))) for n in (1e4, 2e7, 1e9)
    ]
    assert [answer.sized.n_items for answer in answers] == [10_000, 20_000_000, 1_000_000_000]
    for few, many in pairwise(answers):
        assert few.sized.memory_bytes <= many.sized.memory_bytes
        assert few.assessment.p99_ms <= many.assessment.p99_ms * 1.02  # both are of a queue that is drawn
        assert few.assessment.total_usd < many.assessment.total_usd
        assert few.quality(case.qualities[0].key).low >= many.quality(case.qualities[0].key).low or (
            case.qualities[0].better == "lower" or not many.quality(case.qualities[0].key).judged
        )


def test_requirements_are_read_as_a_link_reads_them():
    given = required(asked(), ["items=1e9", "budget_usd=none", "p99_ms=50"])
    assert (given.items, given.budget_usd, given.p99_ms) == (1e9, None, 50.0)
    assert str(required(asked(), ["items=-0"]).items) == "0.0"
    spelt = {"20M": 2e7, "1.5k": 1_500.0, "2,000,000": 2e6, "1B": 1e9, "2e7.": 2e7}
    assert {text: required(asked(), [f"items={text}"]).items for text in spelt} == spelt
    for pair, says in (("colour=3", "no requirement"), ("p99_ms=nan", "not between"), ("p99_ms=none", "not between")):
        with pytest.raises(ValueError, match=says):
            required(asked(), [pair])


def test_nothing_grows_where_everything_is_fixed():
    measured = measurement(n_items=1_000)
    still = case(lambda design, seed: measured, scaling_parts=lambda d, m: (fixed("all", "nothing grows"),))
    made = evaluated(measured, Scenario(asked(items=1e9), round_prices()), case=still)
    assert made.sized.memory_bytes == measured.memory_bytes and made.projected.p99 == (1.0, 1.0)


def test_a_figure_is_projected_only_where_its_size_moves_it():
    measured = measurement(service_ms=1.0, n_items=1_000, memory_bytes=8_000)
    stored = (linear("rows", 1_000, "kept, and read by no request", bytes_each=8.0),)
    made = evaluated(
        measured, Scenario(asked(items=1e6), round_prices()),
        case=case(lambda design, seed: measured, scaling_parts=lambda design, measured: stored),
    )  # fmt: skip
    badges = {key: FIGURES[key].badge_of(made) for key in ("p50_ms", "load_p99_ms", "memory_mb", "usd")}
    assert badges == {"p50_ms": "measured", "load_p99_ms": "modelled", "memory_mb": "projected", "usd": "projected"}
    assert made.sized.service_ms is measured.service_ms and not made.projected.retimed
