"""Making a record: which designs, within which budget, where it goes on after an interrupt, and what has changed."""

from dataclasses import replace

import numpy as np
import pytest

from core.checks import record as check_record
from core.checks.record import compare, record_checks, verdict_changes
from core.contract.check import Check, Verdict
from core.contract.design import canonical, neighbours
from core.runtime import record, recorded
from core.runtime.compare_records import compare_files, compare_sample, quality_changes, sample
from core.runtime.record import batches, code_version, record_designs
from tests import factory
from tests.toy_case import CASE, ToyDesign

HERE = canonical(ToyDesign())


def made(design=HERE, share=0.5, ms=2.0, noise=1.0):
    return replace(factory.measurement(np.arange(400) < share * 400, ms), noise=noise)


@pytest.fixture
def ran(monkeypatch):
    """The designs that a case without work was asked to run, in their order; more dimensions are better and slower."""
    found = []

    def run(design, seed=0):
        found.append(design)
        return made(design, share=0.5 + design.dim / 1_000, ms=1.0 + design.dim)

    return found, replace(CASE, run=run)


def rows(path):
    return recorded.read(path)


def test_the_default_comes_first_then_the_baseline_and_one_knob_away_and_nothing_twice(ran):
    _, case = ran
    planned = list(batches(case, 12, 0, dict))
    every = [design for batch in planned for design in batch]
    assert every[0] == HERE and every[1] == canonical(case.baseline)
    assert len(every) == len(set(every)) <= 12
    near = {design for _, design in neighbours(HERE)}
    assert near & set(planned[0]) and all(len(batch) <= record.AT_ONCE for batch in planned)


def test_after_a_near_and_a_drawn_batch_comes_what_is_one_knob_away_from_the_front(monkeypatch):
    monkeypatch.setattr(record, "AT_ONCE", 2)
    known = {}
    turns = batches(CASE, 12, 0, lambda: known)
    for _ in range(2):
        known |= {d: recorded.row(d, 0, made(d, share=0.5, ms=1.0 + d.dim)) for d in next(turns)}
    fastest = [d for d in known if d.dim == min(one.dim for one in known)]  # all are as good
    assert set(next(turns)) <= {design for one in fastest for _, design in neighbours(one)} - set(known)


def test_as_many_designs_are_recorded_as_were_asked_for_and_the_neighbours_of_the_front_among_them(ran, tmp_path):
    found, case = ran
    path = tmp_path / "toy.parquet"
    assert record_designs(case, path, 10, 0, 1e9, tell=lambda text: None) == 0
    assert len(rows(path)) == len(found) == len(set(found)) == 10
    best = max(found, key=lambda design: design.dim)  # the front is of quality, and this case's grows with its dim
    assert len({design for _, design in neighbours(best)} & set(found)) >= 2
    assert not list(tmp_path.glob("*.partial.parquet"))


def test_past_its_budget_a_recording_ends_with_what_a_page_opens_with(ran, tmp_path):
    _, case = ran
    record_designs(case, tmp_path / "toy.parquet", 60, 0, 0.0, tell=lambda text: None)
    kept = {one.design for one in recorded.recorded_designs(case, tmp_path / "toy.parquet")}
    assert {HERE, canonical(case.baseline)} <= kept and len(kept) <= record.AT_ONCE


def test_an_interrupted_recording_goes_on_where_it_stopped(ran, tmp_path, monkeypatch):
    found, case = ran
    path = tmp_path / "toy.parquet"
    monkeypatch.setattr(record, "AT_ONCE", 3)

    def interrupted(design, seed=0):
        if len(found) == 7:
            raise KeyboardInterrupt
        return case.run(design, seed)

    with pytest.raises(KeyboardInterrupt):
        record_designs(replace(case, run=interrupted), path, 10, 0, 1e9)
    assert not path.exists() and len(found) == 7
    record_designs(case, path, 10, 0, 1e9)
    assert len(rows(path)) == 10 and len(found) <= 10 + 2  # of the batch that was interrupted up to two ran twice


def test_what_the_same_code_has_recorded_is_left_alone_and_other_code_records_anew(ran, tmp_path, monkeypatch):
    found, case = ran
    path = tmp_path / "toy.parquet"
    for _ in range(2):
        record_designs(case, path, 12, 0, 1e9)
    assert len(found) == 12
    record_designs(case, path, 12, 0, 1e9, again=True)
    assert len(found) == 24
    monkeypatch.setattr(record, "code_version", lambda case: "another")
    record_designs(case, path, 12, 0, 1e9)
    assert len(found) == 36


def test_another_seed_is_recorded_beside_the_first(ran, tmp_path):
    found, case = ran
    path = tmp_path / "toy.parquet"
    for seed in (0, 1, 0):
        record_designs(case, path, 6, seed, 1e9, tell=lambda text: None)
    assert len(found) == 12 and sorted(row["seed"] for row in rows(path)) == [0] * 6 + [1] * 6


def test_a_noisy_reading_is_timed_once_more_and_the_quieter_is_kept(tmp_path):
    noises = iter([3.0, 1.1] * 30)
    case = replace(CASE, run=lambda design, seed=0: made(design, noise=next(noises)))
    record_designs(case, tmp_path / "toy.parquet", 5, 0, 1e9)
    assert {row["clock_noise"] for row in rows(tmp_path / "toy.parquet")} == {1.1}


def test_a_design_that_cannot_run_is_told_and_the_others_are_kept(ran, tmp_path):
    _, case = ran
    said = []

    def run(design, seed=0):
        if design == HERE:
            raise ValueError("no such file")
        return case.run(design, seed)

    assert record_designs(replace(case, run=run), tmp_path / "toy.parquet", 8, 0, 1e9, tell=said.append) == 1
    assert any("no such file" in text for text in said) and len(rows(tmp_path / "toy.parquet")) >= 7


def test_the_version_of_the_code_is_that_of_the_case_and_of_what_it_rests_on():
    assert len(code_version(CASE)) == 12 and code_version(CASE) == code_version(CASE)
    assert code_version(CASE) != code_version(replace(CASE, slug="visual_search"))


# -- verdicts --------------------------------------------------------------------------------------------------------


def checked(monkeypatch, **verdicts):
    """A case with a check per name, which counts its runs."""
    ran = []

    def check(id, holds):
        return Check(id, f"{id} is so.", "DIR", lambda seed: (ran.append(id), Verdict(holds, f"seed {seed}"))[1])

    checks = tuple(check(id, holds) for id, holds in verdicts.items())
    monkeypatch.setattr(check_record, "checks_of", lambda case: checks)
    return ran


def test_verdicts_are_kept_as_they_come_and_run_again_only_for_another_sentence(monkeypatch, tmp_path):
    path = tmp_path / recorded.CHECKS
    ran = checked(monkeypatch, A=True, B=False)
    for _ in range(2):
        assert record_checks(CASE, path, 0) == 2
    assert ran == ["A", "B"]
    kept = recorded.recorded_verdicts(path)
    assert kept["toy", "B", 0].holds is False and kept["toy", "A", 0].numbers == "seed 0"
    ran = checked(monkeypatch, A=True, C=True)
    record_checks(CASE, path, 0)
    assert ran == ["C"] and [row["check"] for row in rows(path)] == ["A", "C"]
    record_checks(CASE, path, 1)
    assert [(row["check"], row["seed"]) for row in rows(path)] == [("A", 0), ("C", 0), ("A", 1), ("C", 1)]


def test_what_changed_between_two_recordings_of_verdicts():
    def row(id, state):
        return {"case": "toy", "check": id, "state": state, "numbers": "1 of 2"}

    before = [row("A", "passes"), row("B", "passes"), row("C", "passes")]
    after = [row("A", "passes"), row("B", "fails"), row("D", "passes")]
    assert verdict_changes(before, after) == [
        "toy/B: passes → fails [1 of 2]",
        "toy/C: passes → not there [1 of 2]",
        "toy/D: not there → passes [1 of 2]",
    ]


# -- what changed ----------------------------------------------------------------------------------------------------


def test_a_quality_has_changed_beyond_a_millionth():
    assert quality_changes({"q": 0.5}, {"q": 0.5 + 4e-7}) == []
    assert quality_changes({"q": 0.5}, {"q": 0.50001}) == ["q 0.5 → 0.50001"]
    assert quality_changes({"q": 0.5}, {}) == ["q 0.5 → nan"]


def test_a_sample_has_the_first_design_and_as_many_as_asked_for():
    designs = list(range(20))
    assert sample(designs, 5)[0] == 0 and len(set(sample(designs, 5))) == 5
    assert sample(designs, 50) == designs and sample([], 3) == []


def test_a_sample_that_is_run_again_tells_what_changed_and_how_fast_this_machine_is(ran, tmp_path):
    _, case = ran
    path = tmp_path / "toy.parquet"
    record_designs(case, path, 8, 0, 1e9)
    slower = replace(case, run=lambda design, seed=0: made(design, 0.5 + design.dim / 1_000, 2 * (1.0 + design.dim)))
    changes, beside = compare_sample(slower, path, 5)
    assert changes == [] and beside.startswith("This machine is 2.0× slower")
    worse = replace(case, run=lambda design, seed=0: made(design, 0.25, 1.0 + design.dim))
    changes, beside = compare_sample(worse, path, 5)
    assert len(changes) == 5 and "→ 0.25" in changes[0] and "as fast as the recording one" in beside
    with pytest.raises(ValueError, match="record it first"):
        compare_sample(case, tmp_path / "none.parquet", 5)


def test_two_recordings_are_compared_design_by_design_with_their_verdicts(ran, tmp_path, monkeypatch):
    _, case = ran
    for name, n, share in (("before", 8, 0.0), ("after", 6, 0.1)):
        moved = replace(case, run=lambda d, seed=0, share=share: made(d, 0.5 + share * (d == HERE), 1.0 + d.dim))
        record_designs(moved, tmp_path / name / "toy.parquet", n, 0, 1e9)
        checked(monkeypatch, A=name == "before")
        record_checks(case, tmp_path / name / recorded.CHECKS, 0)
    changes, beside = compare_files(case, tmp_path / "before" / "toy.parquet", tmp_path / "after" / "toy.parquet")
    assert len(changes) == 1 and "only before" in beside
    lines = list(compare([case], tmp_path / "before", tmp_path / "after", 5))
    assert [line for line, is_change in lines if is_change][-1] == "toy/A: passes → fails [seed 0]"


def test_the_factor_between_two_machines_is_the_median_of_designs_measured_quietly_on_both():
    pairs = [(made(ms=2.0), made(ms=2.6)), (made(ms=1.0), made(ms=1.3)), (made(ms=1.0), made(ms=9.0))]
    factor, n = recorded.speed_factor(pairs)
    assert factor == pytest.approx(1.3) and n == 3
    assert recorded.speed_text((1.3, 3)) == (
        "This machine is 1.3× slower than the recording one (median p50 ratio of 3 designs measured on both)."
    )
    assert "2.0× faster" in recorded.speed_text((0.5, 3)) and "as fast as" in recorded.speed_text((1.02, 3))
    assert recorded.speed_factor(pairs[:2]) is None and recorded.speed_text(None) == ""
    noisy = [(a, replace(b, noise=5.0)) for a, b in pairs]
    assert recorded.speed_factor(noisy) is None
