"""Arithmetic of the steps by hand: comparisons, seeds, curves, decisions, requirements, the plan and the checklist."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from core.analysis.alternatives import Choice, compare, difference_text, framing_choices, missing, move_choices
from core.analysis.learning_curve import Spread, curve, runs, same_design, spread
from core.catalog import BY_SLUG
from core.checks.common import checks_of
from core.contract.case import Source
from core.contract.design import knob
from core.contract.interview_spec import STEPS, Claim, Framing, Interview, InterviewStep
from core.interview.checklist import FACTS, TASKS, moves, ticked
from core.interview.decision import MOST_CHARACTERS, backing, decide, guardrail, sentence, tidy
from core.interview.estimation import arithmetic
from core.metrics import NotEnoughSamples
from core.monitoring import plan
from core.runtime.results import RESULTS
from core.serving.scenario import Scenario
from tests import factory, toy_case
from tests.toy_case import ToyDesign

KEY = factory.KEY
STOP = InterviewStep(("What?",), "Which?", ("dim", "index"), pitfalls=("Too small.",))
FRAMINGS = (
    Framing("By walk", "a graph", lambda d: replace(d, index="hnsw")),
    Framing("By scan", "all", lambda d: replace(d, index="flat", effort=64)),
    Framing("By scan again", "all", lambda d: replace(d, index="flat")),
)
INTERVIEW = Interview(dict.fromkeys(STEPS, STOP), FRAMINGS, lambda d, s: None, guardrail="p99_ms", curve_knob="effort")
CASE = replace(toy_case.CASE, interview=INTERVIEW)


@pytest.fixture(autouse=True)
def empty_ledger():
    RESULTS.clear()


# -- comparisons -----------------------------------------------------------------------------------------------------


def test_framings_that_come_out_equal_are_one_and_idle_knobs_leave_no_trace():
    found = framing_choices(INTERVIEW, ToyDesign())
    assert [each.label for each in found] == ["By walk", "By scan"]
    assert found[1].design == ToyDesign()


def test_moves_are_of_the_families_asked_for_and_never_of_the_data():
    assert [each.design.dim for each in move_choices(ToyDesign(), ("representation",))] == [4, 64]
    assert move_choices(ToyDesign(), ("model",)) == move_choices(ToyDesign(), ("data",)) == ()


def test_only_measured_choices_are_compared_and_by_a_paired_test():
    choices = [Choice(name, "", name) for name in ("same", "better", "unknown")]
    now = factory.measurement(per_query=(0.0, 1.0) * 50)
    known = {"same": now, "better": factory.measurement(per_query=(0.5, 1.0) * 50)}
    same, better = compare(factory.evaluated(now, case=CASE), choices, known)
    assert missing(choices, known) == ["unknown"]
    assert better.gained.mean == pytest.approx(0.25) and better.gained.distinguishable
    assert difference_text(better, "precision").startswith("precision +0.250 (")
    assert difference_text(same, "precision") == "within noise, 0.000 (-0.036 to +0.036)"


def test_other_queries_are_said_to_be_unpaired():
    (other,) = compare(
        factory.evaluated(case=CASE), [Choice("a", "", "a")], {"a": factory.measurement(per_query=[0.1, 0.2])}
    )
    assert difference_text(other, "precision") == "other queries: not paired"


# -- training --------------------------------------------------------------------------------------------------------


def test_a_curve_is_of_the_present_design_where_its_knob_does_something():
    found = curve(CASE, ToyDesign(index="hnsw"))
    assert found.of == "" and list(found.designs) == [4, 16, 64]
    assert {design.effort for design in found.designs.values()} == {4, 16, 64}


def test_else_it_is_of_the_first_framing_that_uses_it():
    found = curve(CASE, ToyDesign())
    assert found.of == "By walk" and {design.index for design in found.designs.values()} == {"hnsw"}


def test_no_curve_where_no_framing_uses_the_knob_or_there_is_none():
    scans = replace(INTERVIEW, framings=FRAMINGS[1:])
    assert curve(replace(CASE, interview=scans), ToyDesign()) is None
    assert curve(replace(CASE, interview=replace(INTERVIEW, curve_knob=None)), ToyDesign()) is None
    assert curve(toy_case.CASE, ToyDesign()) is None


def test_the_spread_over_seeds_by_hand():
    runs = [factory.measurement(per_query=[v - 0.1, v + 0.1] * 10) for v in (0.4, 0.5, 0.6)]
    found = spread(KEY, runs)
    assert found.deviation == pytest.approx(0.1)
    assert found.smallest_gap == pytest.approx(1.96 * np.sqrt(2) * 0.1)
    assert spread(KEY, runs[:1]) is None and spread("other", runs) is None
    assert isinstance(found, Spread)


def test_runs_go_into_the_ledger_once_and_a_failing_one_gives_its_message():
    seen = []

    def run(design, seed=0):
        seen.append(seed)
        if seed == 1:
            raise ValueError("no such file")
        return factory.measurement()

    case = factory.case(run)
    asked = same_design(case, ToyDesign(), 0)
    found = list(runs(case, asked))
    assert [each.seed for each in found] == [0, 1, 2]
    assert found[1].measured is None and "no such file" in found[1].error
    list(runs(case, asked))
    assert seen == [0, 1, 2, 1]
    assert list(runs(case, asked, cancelled=lambda: True)) == []


# -- decisions -------------------------------------------------------------------------------------------------------


def card(measured=None, needs=None, why="", case=CASE):
    return decide(factory.evaluated(measured, Scenario(needs or factory.NEEDS), case=case), "model", why)


def test_a_card_holds_the_choice_the_figures_and_what_binds():
    found = card(needs=factory.asked(10.0, 50.0, quality_floor=0.6), why="  Because.\x00 ")
    assert found.choice == {"Embedding size": "16", "Index": "flat"}
    here = found.evaluated
    assert (found.primary.label, found.primary.read(here), found.primary.badge) == ("precision@5", 0.5, "measured")
    assert (found.guardrail.label, found.guardrail.read(here)) == ("p99 service time", 10.0)
    assert here.binding.key == "quality_floor" and not here.binding.met
    assert found.rationale == "Because."
    assert found.could_go_wrong == ("Too small.",)


@pytest.mark.parametrize("why", ["", "   ", "\x00\x1b"])
def test_a_reason_without_letters_is_empty(why):
    assert card(why=why).rationale == ""


def test_a_reason_is_cut_and_keeps_its_lines():
    assert tidy("a\nb") == "a\nb"
    assert len(tidy("a" * 5_000)) == MOST_CHARACTERS


def guarded(key, measured=None):
    case = replace(CASE, interview=replace(CASE.interview, guardrail=key))
    return guardrail(factory.evaluated(measured, case=case))


@pytest.mark.parametrize("key", [KEY, "p50_ms", "p99_ms", "load_p99_ms", "usd", "memory_mb", "build_s"])
def test_a_guardrail_may_be_any_quality_or_cost(key):
    found = guarded(key)
    assert found.key == key and found.label and np.isfinite(found.read(factory.evaluated()))


def test_unknown_guardrails_steps_and_cases_without_an_interview_are_refused():
    assert guarded(KEY, factory.measurement(quality={})) is None
    with pytest.raises(KeyError):
        guarded("happiness")
    with pytest.raises(KeyError, match="no step"):
        card(case=toy_case.CASE)


def test_a_remark_is_backed_by_a_check_or_a_source_or_refused():
    checks = checks_of(CASE)
    assert backing(CASE, checks, Claim("More pixels.", "T1")).id == "T1"
    assert isinstance(backing(CASE, checks, Claim("Digits.", "scikit-learn digits")), Source)
    with pytest.raises(KeyError, match="nothing backs"):
        backing(CASE, checks, Claim("Trust me.", "T99"))


def test_a_remark_on_a_check_says_the_checks_sentence_and_no_other():
    check = checks_of(CASE)[0]
    assert sentence(Claim("Something else.", check.id), check) == check.sentence
    source = CASE.sources[0]
    assert sentence(Claim("Digits.", source.title), source) == "Digits."


# -- requirements and the plan ---------------------------------------------------------------------------------------


def test_the_arithmetic_of_a_load_by_hand():
    needs = replace(factory.NEEDS, daily_users=8_640.0, requests_per_user=10.0, peak_factor=3.0)
    measured = factory.measurement(service_ms=200.0)
    here = factory.evaluated(measured, Scenario(needs, factory.round_prices()))
    lines = {each.what: each for each in arithmetic(here)}
    assert lines["Requests per day"].value == 86_400
    assert lines["Peak requests per second"].value == pytest.approx(3.0)
    assert lines["Busy cores"].value == pytest.approx(0.6)  # three a second, a fifth of a second each
    replicas = lines["Replicas"].value
    assert lines["Total memory"].value == pytest.approx(replicas * 2**30 / 1e9)
    assert lines["Cost"].value == pytest.approx(replicas * 730 * 0.11)
    assert lines["Cost per 1M requests"].value == pytest.approx(lines["Cost"].value / (86_400 * 730 / 24) * 1e6)


def test_nobody_asking_gives_no_price_a_request_and_no_canary():
    here = factory.evaluated(scenario=Scenario(factory.asked(0.0)), case=CASE)
    assert "Cost per 1M requests" not in {line.what for line in arithmetic(here)}
    assert plan.canaries(here, SETTING, 0.01) == ()


SETTING = plan.Setting(daily=300, days=30, drop=0.05)
DAY_OF_LABELS, INDEX = "precision@5 of a day's labels", "population stability index of precision@5"


def planned(measured, days=30, daily=300, case=CASE):
    lines = plan.lines(factory.evaluated(measured, case=case), plan.Setting(daily, days, 0.05))
    return {line.what: line for line in lines}


def test_the_plan_rings_on_the_wrong_side_of_what_is_normal():
    times = np.random.default_rng(0).lognormal(size=2_000)
    found = planned(factory.measurement(service_ms=times, refresh_every_h=6.0))
    assert len(found) == 6
    for each in found.values():
        assert each.how and each.source and each.badge in ("measured", "modelled")
        if each.alarm is not None:
            assert each.normal == each.alarm or (each.alarm > each.normal) == (each.rings == "above"), each
            assert each.tried == pytest.approx(each.promised, abs=0.015) and each.promised <= 1 / 30


def test_fewer_false_alarms_take_a_threshold_further_out():
    per_query = np.random.default_rng(1).beta(4, 1, size=500)
    often, seldom = (planned(factory.measurement(per_query=per_query), days)[DAY_OF_LABELS] for days in (10, 100))
    assert seldom.alarm < often.alarm < often.normal


def test_too_few_times_for_a_threshold_are_told_and_not_guessed(monkeypatch):
    monkeypatch.setattr(plan, "WINDOW", 500)
    found = planned(factory.measurement(service_ms=np.arange(1, 1_001.0)))
    line = next(each for each in found.values() if each.what.startswith("p99 service time"))
    assert line.alarm is None and "longer window" in line.how


OF_GROUPS = replace(CASE, qualities=(replace(CASE.qualities[0], value_of="group of 20 exposures"),))


@pytest.mark.parametrize("daily", [100, 300, 1_000])
def test_values_of_groups_are_not_read_as_single_labels(daily):
    """The means of 20 exposures stray far less than an exposure: an alarm from them rings on most quiet days."""
    found = planned(factory.measurement(), daily=daily, case=OF_GROUPS)
    for what in (DAY_OF_LABELS, INDEX):
        line = found[what]
        assert line.alarm is line.promised is line.tried is None and "group of 20 exposures" in line.how
    with pytest.raises(NotEnoughSamples, match="single labels"):
        plan.canaries(factory.evaluated(case=OF_GROUPS), SETTING, 0.01)


def test_a_quality_that_never_varies_has_no_alarm_and_says_so():
    found = planned(factory.measurement(per_query=[1.0] * 100))
    for what in (DAY_OF_LABELS, INDEX):
        assert found[what].alarm is None and "alike" in found[what].how


def test_a_limit_that_a_quiet_day_is_beyond_is_no_alarm():
    here = factory.evaluated(factory.measurement(refresh_every_h=48.0), Scenario(factory.asked(freshness_h=24.0)))
    line = next(each for each in plan.lines(here, SETTING) if each.what == "age of stored results")
    assert line.alarm is None and line.normal == 48.0 and "every day" in line.how


@pytest.mark.parametrize(("promised", "tried", "shown"), [(0.03, 0.031, True), (0.03, 0.05, False), (0.03, 0.0, False)])
def test_an_alarm_that_does_not_keep_its_promise_on_quiet_days_is_not_shown(promised, tried, shown):
    line = plan._checked(plan.Line("x", 1.0, 2.0, "above", "", "how", "source", "measured"), promised, tried)
    assert (line.alarm is not None) == shown and (shown or "quiet days" in line.how)


@pytest.mark.parametrize(
    "numbers",
    [
        (0, 30, 0.05),
        (1.5, 30, 0.05),
        (300, 1, 0.05),
        (300, -3, 0.05),
        (300, 30, 0.0),
        (float("nan"), 30, 0.05),
        (300, float("nan"), 0.05),
        (300, 30, float("nan")),
    ],
)
def test_settings_that_no_plan_can_be_made_for_are_refused(numbers):
    with pytest.raises(ValueError, match="must be"):
        plan.Setting(*numbers)


def test_which_watched_qualities_are_means_over_labelled_requests():
    told = {
        slug: [axis.key for axis in case.qualities if axis.per_request and axis.key in watched_keys(case)]
        for slug, case in BY_SLUG.items()
    }
    assert told == {
        "visual_search": ["ndcg@10", "recall@10"],
        "street_view_blurring": ["false_blurs"],
        "video_search": ["mrr@10"],
        "harmful_content": [],
        "video_recommendation": ["ndcg@10", "diversity"],
        "event_recommendation": ["map", "begun@10"],
        "ad_click": [],
        "similar_listings": ["recall@12"],
        "news_feed": ["value", "hides"],
        "people_you_may_know": ["recall@10", "hit@10"],
    }


def watched_keys(case):
    return (case.qualities[0].key, case.interview.guardrail)


# -- the checklist ---------------------------------------------------------------------------------------------------


def test_each_line_is_ticked_by_facts_that_exist_and_no_fact_is_unused_and_no_step_without_a_line():
    assert {fact for task in TASKS for fact in task.ticked_by} == set(FACTS)
    assert [step for step in STEPS if any(task.step == step for task in TASKS)] == list(STEPS)
    assert [task.step for task in TASKS] == sorted((task.step for task in TASKS), key=list(STEPS).index)


def test_nothing_done_ticks_nothing_and_each_fact_ticks_its_line():
    assert not any(each.done for each in ticked({}))
    for fact in FACTS:
        done = [each.task for each in ticked({fact: "did it"}) if each.done]
        assert len(done) == 1 and fact in done[0].ticked_by


def test_a_fact_that_nobody_knows_is_refused():
    with pytest.raises(KeyError, match="wished"):
        ticked({"wished": "for luck"})


def test_only_changes_of_the_design_are_moves():
    assert moves([]) == moves([("a", 0)]) == moves([("a", 0), ("a", 1)]) == 0
    assert moves([("a", 0), ("b", 0), ("b", 1), ("a", 1)]) == 2


@dataclass(frozen=True)
class Plain:
    """A design without anything to train."""

    size: int = knob("Size", (1, 2), 1, "serving", "Only that.")


def test_a_case_without_model_knobs_has_no_moves_to_show():
    assert move_choices(Plain(), ("model", "representation")) == ()
