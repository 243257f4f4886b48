"""The lint of a case: each rule says what it misses, and the command line says it in sentences."""

from dataclasses import dataclass, replace

import pytest

from core import __main__ as cli
from core.cases import skeleton
from core.catalog import CASES
from core.checks import case_lint, interview_lint
from core.cli import arguments
from core.contract.case import Published, Requirements, Source
from core.contract.check import Check, Verdict
from core.contract.design import knob
from core.contract.interview_spec import Claim
from core.contract.money import Charge
from core.contract.scaling_spec import AblationStep, Precompute, linear
from tests import factory
from tests.toy_case import CASE as TOY

CASE = replace(skeleton.CASE, slug="visual_search")  # a page and tests of that name are there
STOPS = CASE.interview.stops
SAMPLE = CASE.interview.sample(CASE.Design(), 0)
SOURCE = Source("A paper", "Its words.", "paper", "https://example.org")


@dataclass(frozen=True)
class Unexplained:
    """A knob with a label that is too long and a help that is none."""

    dim: int = knob("A label that has more characters than any menu shows", (4, 16), 4, "model", "Too short")
    width: int = knob("width", (4, 16), 4, "model", "x" * 300 + ".")


def stop(**changed):
    """The interview with another first step."""
    return replace(CASE, interview=interview(stops={**STOPS, "clarify": replace(STOPS["clarify"], **changed)}))


def interview(**changed):
    return replace(CASE.interview, **changed)


def sampled(**changed):
    """The interview with another sample."""
    return replace(CASE, interview=interview(sample=lambda design, seed: replace(SAMPLE, **changed)))


def check(id="T1", sentence="More is better.", kind="DIR", known_failure=""):
    return Check(id, sentence, kind, lambda seed: Verdict(True, ""), known_failure)


def charged(**changed):
    review = dict(
        name="review", part="people", label="Review", usd=1.0, unit="each", source="Illustrative.", as_of="2026"
    )
    price = Charge(**{**review, **changed})
    return replace(CASE, requirements=replace(CASE.requirements, charges=(price,)))


def asked(**changed):
    return replace(CASE, requirements=replace(CASE.requirements, **changed))


def published(**changed):
    figure = Published(**{**dict(what="Size", figure="14×", source=SOURCE, ours="T1", agrees=("T1",)), **changed})
    return replace(CASE, published=(figure,))


def growing(**changed):
    """The case with another law of its quality."""
    return replace(CASE, quality_growth=lambda design: replace(skeleton.CASE.quality_growth(design), **changed))


def measuring(**facts):
    return replace(CASE, run=lambda design, seed: factory.measurement(**facts))


BROKEN = [
    (case_lint.files_are_there, replace(CASE, slug="nosuch"), "There has to be a file pages/nosuch.py."),
    (case_lint.files_are_there, replace(CASE, slug="No-such"), "lower-case letters"),
    (case_lint.files_have_the_common_names, replace(CASE, slug="skeleton"), "no core/cases/skeleton/page.py.txt"),
    (case_lint.knobs_are_explained, replace(CASE, Design=Unexplained), "label of knob “dim”"),
    (case_lint.knobs_are_explained, replace(CASE, Design=Unexplained), "label of knob “width”"),
    (case_lint.knobs_are_explained, replace(CASE, Design=Unexplained), "help of knob “dim”"),
    (case_lint.knobs_are_explained, replace(CASE, Design=Unexplained), "help of knob “width”"),
    (case_lint.designs_are_canonical, replace(CASE, baseline=CASE.Design()), "has to differ"),
    (case_lint.designs_are_canonical, replace(CASE, baseline=CASE.Design(effort=64)), "knob that does nothing"),
    (case_lint.checks_are_sentences, replace(CASE, checks=()), "needs a check"),
    (case_lint.checks_are_sentences, replace(CASE, checks=(check(), check())), "two checks “T1”"),
    (case_lint.checks_are_sentences, replace(CASE, checks=(check(sentence="more"),)), "sentence of check T1"),
    (case_lint.checks_are_sentences, replace(CASE, checks=(check(kind="SURE"),)), "kind of check T1"),
    (case_lint.sources_are_told, replace(CASE, sources=(SOURCE,)), "The data need a source"),
    (case_lint.sources_are_told, replace(CASE, sources=(replace(SOURCE, detail=""),)), "a title and a detail"),
    (case_lint.sources_are_told, replace(CASE, sources=(replace(SOURCE, kind="blog"),)), "kind of source"),
    (case_lint.sources_are_told, replace(CASE, sources=(replace(SOURCE, url="javascript:x"),)), "https://"),
    (case_lint.sources_are_told, asked(source=""), "requirements need a source"),
    (case_lint.published_figures_stand_beside_checks, published(figure=""), "needs its figure"),
    (case_lint.published_figures_stand_beside_checks, published(agrees=("T99",)), "a check T99 that there is not"),
    (
        case_lint.published_figures_stand_beside_checks,
        published(source=replace(SOURCE, url="")),
        "a source with a link",
    ),
    (case_lint.charges_have_names, charged(name="vcpu_hour"), "name of each charge"),
    (case_lint.charges_have_names, charged(name="a b"), "an identifier"),
    (case_lint.charges_have_names, charged(unit=""), "a unit and the year"),
    (case_lint.default_measures_facts, charged(), "count the units of each charge"),
    (case_lint.default_measures_facts, measuring(quality={}), "qualities measured"),
    (case_lint.default_measures_facts, measuring(service_ms=0.0), "single requests"),
    (case_lint.default_measures_facts, measuring(parts_ms={"search": 1.0}), "add up"),
    (case_lint.default_measures_facts, measuring(memory_bytes=0), "above 0"),
    (case_lint.default_measures_facts, measuring(), "steps that are not in the strip"),
    (case_lint.default_measures_facts, measuring(shipped_s=2.0), "a part of build_s"),
    (case_lint.default_measures_facts, measuring(index_build_s=2.0), "The build of the indexes"),
    (case_lint.scaling_parts_are_in_the_design, replace(CASE, scaling_parts=lambda d, m: ()), "names of their own"),
    (
        case_lint.scaling_parts_are_in_the_design,
        replace(CASE, scaling_parts=lambda d, m: (linear("list", 10, "a row each", part="rank"),)),
        "no part of a request",
    ),
    (case_lint.quality_growth_has_laws, replace(CASE, quality_growth=lambda d: None), "needs a reason"),
    (case_lint.quality_growth_has_laws, replace(CASE, law_basis=None), "its quality has no law"),
    (case_lint.quality_growth_has_laws, growing(times=(0.5, 1.0)), "needs 4 rising sizes"),
    (case_lint.quality_growth_has_laws, growing(at=None), "leave it out"),
    (
        case_lint.ablation_steps_name_options,
        replace(CASE, ablation_steps=CASE.ablation_steps[:1]),
        "needs two",
    ),
    (
        case_lint.ablation_steps_name_options,
        replace(CASE, ablation_steps=(AblationStep("cut", {"dim": 5}), AblationStep("thin", {"nosuch": 1}))),
        "which is no option of a knob",
    ),
    (
        case_lint.precompute_names_options,
        replace(CASE, precompute=Precompute({"dim": 16}, {"dim": 16}, {}, lambda design: 1, "digits")),
        "a batch design that differ",
    ),
    (interview_lint.steps_are_filled, replace(CASE, interview=interview(stops={})), "needs the steps clarify, frame"),
    (interview_lint.steps_are_filled, stop(questions=("Why?",)), "3 to 5 questions; it has 1"),
    (interview_lint.steps_are_filled, stop(remarks=()), "1 to 3 remarks; it has 0"),
    (interview_lint.steps_are_filled, stop(decision="Decide."), "question mark"),
    (interview_lint.steps_are_filled, stop(knobs=("nosuch",)), "a knob “nosuch”"),
    (interview_lint.nothing_is_said_twice, stop(questions=("Why?", "Why?", "How?")), "says twice: “Why?”"),
    (interview_lint.nothing_is_said_twice, stop(remarks=STOPS["model"].remarks), "says twice: “More pixels"),
    (interview_lint.remarks_rest_on_checks_or_sources, stop(remarks=(Claim("So.", "T99"),)), "rests on “T99”"),
    (interview_lint.remarks_rest_on_checks_or_sources, stop(remarks=(Claim("So.", "T1"),)), "text of its own"),
    (
        interview_lint.remarks_rest_on_checks_or_sources,
        replace(CASE, checks=(check(known_failure="few"), *CASE.checks[1:])),
        "known to fail",
    ),
    (
        interview_lint.guardrail_and_curve_are_in_the_case,
        replace(CASE, interview=interview(guardrail="x")),
        "guardrail",
    ),
    (
        interview_lint.guardrail_and_curve_are_in_the_case,
        replace(CASE, interview=interview(curve_knob="noise")),
        "no data dial",
    ),
    (
        interview_lint.framings_are_designs_that_differ,
        replace(CASE, interview=interview(framings=CASE.interview.framings[:1] * 2)),
        "same design",
    ),
    (interview_lint.framings_are_designs_that_differ, replace(CASE, interview=interview(framings=())), "canonical"),
    (interview_lint.samples_keep_their_rules, sampled(rows=SAMPLE.rows[:49]), "50 to 500 rows of 4 to 8 columns"),
    (interview_lint.samples_keep_their_rules, sampled(columns=SAMPLE.columns[:3]), "it has 500 of 3"),
    (interview_lint.samples_keep_their_rules, sampled(split={"all": 1}), "split needs two parts"),
    (interview_lint.samples_keep_their_rules, sampled(labels=""), "where labels come from"),
    (interview_lint.samples_keep_their_rules, sampled(spoil=list), "spoilt batch"),
    (
        interview_lint.samples_keep_their_rules,
        sampled(columns=(replace(SAMPLE.columns[1], name="picture"), *SAMPLE.columns[1:])),
        "breaks its own rule, by 10",
    ),
]


def test_the_skeleton_lacks_nothing_and_neither_does_one_without_the_parts_it_may_lack():
    assert case_lint.lacks(CASE) == [] == case_lint.lacks(replace(TOY, slug="visual_search"))


@pytest.mark.parametrize(("rule", "case", "words"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_rule_says_what_is_amiss_and_what_to_do(rule, case, words):
    said = case_lint.broken(rule, case)
    assert any(words in sentence for sentence in said), said
    assert all(sentence[0].isupper() and sentence[-1] in ".”" for sentence in said)


def test_the_folder_of_a_case_holds_the_common_names_alone(tmp_path, monkeypatch):
    folder = tmp_path / "core" / "cases" / "digits"
    for name in ("__pycache__", "serve", "checks", "helpers"):
        (folder / name).mkdir(parents=True)
    for name in ("__init__.py", "design.py", "operate.py", "sources.toml", "run.py", "serve.toml"):
        (folder / name).touch()
    monkeypatch.setattr(case_lint, "ROOT", tmp_path)
    said = list(case_lint.files_have_the_common_names(replace(CASE, slug="digits")))
    assert [sentence.split(":")[0] for sentence in said] == [
        f"There may be no core/cases/digits/{name}" for name in ("helpers", "run.py", "serve.toml")
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_case_has_the_common_names(case):
    assert not list(case_lint.files_have_the_common_names(case))


def test_every_rule_has_been_seen_to_speak():
    assert {rule for rule, _, _ in BROKEN} == set(case_lint.RULES)


def test_a_rule_that_cannot_be_tried_says_so_and_the_others_speak():
    def run(design, seed):
        raise RuntimeError("no weights")

    said = case_lint.lacks(replace(CASE, run=run, slug="nosuch"))
    assert "There has to be a file pages/nosuch.py." in said
    assert "The rule “default measures facts” could not be tried: RuntimeError: no weights" in said


def test_what_may_be_missing_is_named_as_optional():
    assert len(case_lint.optional(TOY)) == 10 and "an interview" in case_lint.optional(TOY)[0]
    full = replace(CASE, precompute=object(), bills_beside=(object(),), published=published().published,
                   requirements=Requirements(1, 1, 1, 50, "I.", items=1, quality_floor=0.5, budget_usd=1))  # fmt: skip
    assert case_lint.optional(full) == []
    assert case_lint.optional(replace(full, sources=(replace(SOURCE, url=""),))) == ["a link to “A paper”"]


def test_the_command_says_what_lacks_and_fails_only_then(monkeypatch, capsys):
    monkeypatch.setattr(arguments, "BY_SLUG", {"visual_search": CASE})
    assert cli.main(["lint", "visual_search"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "visual_search: nothing lacks" and len(lines) == 7
    assert all(line.startswith("visual_search: optional, and not there: ") for line in lines[:-1])
    monkeypatch.setattr(arguments, "BY_SLUG", {"visual_search": replace(CASE, checks=())})
    assert cli.main(["lint"]) == 1
    out = capsys.readouterr().out
    assert "visual_search: A case needs a check" in out and "nothing lacks" not in out


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_published_figure_has_a_link(case):
    assert all(figure.source.url.startswith("https://") for figure in case.published)
