"""What the seven steps need of every case that has them."""

import pytest

from core.analysis.alternatives import framing_choices
from core.analysis.learning_curve import curve
from core.catalog import CASES
from core.contract.design import canonical, knobs
from core.contract.interview_spec import STEPS
from core.interview.decision import decide, guardrail
from core.monitoring.data_validation import verify
from core.runtime.results import RESULTS
from core.serving.evaluate import evaluate
from core.serving.scenario import Scenario

WALKED = [case for case in CASES if case.interview is not None]
each_case = pytest.mark.parametrize("case", WALKED, ids=lambda case: case.slug)


@each_case
def test_real_rows_keep_their_rules_and_the_planted_batch_breaks_them(case):
    sample = case.interview.sample(case.Design(), 0)
    found = verify(sample)
    assert found.real == ()
    assert found.planted
    assert 0 < len(sample.rows) <= 500 and sample.split and sample.labels and sample.leakage


@each_case
def test_framings_are_valid_designs_of_the_same_world(case):
    for start in (case.Design(), case.baseline):
        found = framing_choices(case.interview, start)
        assert found
        assert all(isinstance(each.design, case.Design) and each.design == canonical(each.design) for each in found)


@each_case
def test_the_curve_has_a_numbered_knob_and_more_than_two_points(case):
    found = curve(case, case.Design())
    if case.interview.curve_knob is not None:
        assert found is not None and found.knob.ordered and len(found.designs) > 1
    else:
        assert found is None


@each_case
def test_the_default_gets_a_card_at_every_step(case):
    measured = RESULTS.measure(case, case.Design(), 0)
    here = evaluate(case, case.Design(), measured, Scenario(case.requirements))
    assert guardrail(here) is not None
    for step in STEPS:
        found = decide(here, step)
        assert found.choice.keys() == {knobs(case.Design)[name].label for name in case.interview.stops[step].knobs}
