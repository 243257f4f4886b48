"""What the checks said: states, counts, filters, files, and the direction beside published figures."""

import csv
import io
import json
from dataclasses import replace

import pytest

from core.catalog import CASES
from core.checks.results import (
    COULD_NOT_RUN,
    FAILS,
    FAILS_AS_KNOWN,
    HOLDS,
    NOT_RUN,
    STATES,
    CheckResult,
    Store,
    as_csv,
    as_json,
    as_rows,
    beside,
    check_results,
    chosen,
    counts,
    direction,
    headline,
    kinds_text,
    state_of,
)
from core.contract.case import Published
from core.contract.check import KINDS, Check, Verdict, verdict_of
from core.runtime.recorded import RecordedVerdict
from tests import factory


def check(id="T1", holds=True, known_failure="", kind="DIR"):
    return Check(id, "More is better.", kind, lambda seed: Verdict(holds, f"seed {seed}"), known_failure)


def broken(seed):
    raise RuntimeError("no such index")


CHECKS = (check("T1"), check("T2", False), check("T3", False, "too few"), Check("T4", "Never.", "INV", broken, "known"))
CASE = factory.case(lambda design, seed: factory.measurement(), checks=CHECKS)
EXPECTED = {"T1": HOLDS, "T2": FAILS, "T3": FAILS_AS_KNOWN, "T4": COULD_NOT_RUN}


@pytest.fixture
def store():
    """A store in which the case's own four checks have run with seed 3, and the common ones have not."""
    filled = Store()
    for each in CHECKS:
        filled.add(CASE, each, 3, verdict_of(each, 3))
    return filled


def test_every_check_of_every_case_has_an_address_of_its_own():
    told = check_results(CASES, 0, Store())
    assert len({each.address for each in told}) == len(told)
    assert all(each.check.kind in KINDS and each.check.sentence.endswith(".") for each in told)


def test_nothing_is_said_to_hold_before_it_has_run():
    assert {each.state for each in check_results(CASES, 0, Store())} == {NOT_RUN}
    assert "none of them has run" in headline(check_results(CASES, 0, Store()))


@pytest.mark.parametrize("each", CHECKS, ids=lambda each: each.id)
def test_the_state_of_a_check_is_what_its_run_said(each):
    assert state_of(each, None) == NOT_RUN
    assert state_of(each, verdict_of(each, 0)) == EXPECTED[each.id]


def test_a_check_that_raises_has_not_failed_as_known():
    verdict = verdict_of(CHECKS[3], 0)
    assert not verdict.ran and not verdict.holds and "no such index" in verdict.numbers
    assert state_of(CHECKS[3], verdict) == COULD_NOT_RUN
    assert CheckResult(CASE, CHECKS[3], 0, verdict).waiting  # so that it can be tried again


def test_a_verdict_is_of_its_case_its_check_and_its_seed_alone(store):
    assert store.known(CASE, CHECKS[0], 3) == Verdict(True, "seed 3")
    assert store.known(CASE, CHECKS[0], 4) is None
    assert store.known(replace(CASE, slug="other"), CHECKS[0], 3) is None
    store.clear()
    assert store.known(CASE, CHECKS[0], 3) is None


def test_a_full_store_forgets_what_was_asked_for_longest_ago():
    small = Store(most=2)
    for seed in (0, 1):
        small.add(CASE, CHECKS[0], seed, Verdict(True, ""))
    small.known(CASE, CHECKS[0], 0)
    small.add(CASE, CHECKS[0], 2, Verdict(True, ""))
    assert [small.known(CASE, CHECKS[0], seed) is not None for seed in (0, 1, 2)] == [True, False, True]


def test_counts_name_every_state(store):
    told = check_results([CASE], 3, store)
    assert counts(told) == {HOLDS: 1, FAILS: 1, FAILS_AS_KNOWN: 1, COULD_NOT_RUN: 1, NOT_RUN: len(told) - 4}
    assert tuple(counts([])) == STATES and not any(counts([]).values())


def test_the_headline_counts_what_ran(store):
    told = check_results([CASE], 3, store)
    assert headline(told[:4]) == (
        "4 checks over 1 case; 3 ran on this server: 1 pass, 1 fail, 1 fail as known, 1 could not run."
    )
    assert headline(told).endswith(f"; {len(told) - 4} not run yet.")


def test_the_headline_counts_apart_what_is_true_by_definition(store):
    results = check_results([replace(CASE, checks=(*CHECKS, check("T5", kind="DEF")))], 3, store)
    store.add(CASE, check("T5", kind="DEF"), 3, Verdict(True, ""))
    results = [replace(r, verdict=store.known(CASE, r.check, 3)) for r in results if r.check.id[0] == "T"]
    assert "1 pass, 1 fail, 1 fail as known, 1 true by definition, 1 could not run" in headline(results)


def test_by_hand_how_many_checks_of_each_kind_say_the_wrong_thing_by_chance(store):
    kinds = ["DIR"] * 30 + ["FLIP"] * 10 + ["INV"] * 5 + ["DEF"] * 7
    made = tuple(check(f"T{i}", kind=kind) for i, kind in enumerate(kinds))
    told = [result for result in check_results([replace(CASE, checks=made)], 3, store) if result.check in made]
    assert kinds_text(told) == (
        "By kind: 30 of what this data says, 10 of what reverses when it changes, 5 of what always holds; 7 more are "
        "true by definition. "
        "At the 95 % level, 2 of the 40 that rest on data would say the wrong thing by chance alone."
    )


@pytest.mark.parametrize(
    "filters, ids",
    [
        ({}, ["T1", "T2", "T3", "T4", "G10", "G16"]),
        ({"state": FAILS_AS_KNOWN}, ["T3"]),
        ({"kind": "INV"}, ["T4"]),
        ({"kind": "DEF", "state": NOT_RUN}, ["G10"]),
        ({"case": "made", "kind": "DIR", "state": HOLDS}, ["T1"]),
        ({"case": "other"}, []),
        ({"kind": "nosuch"}, []),
    ],
)
def test_filters_let_through_what_they_name(store, filters, ids):
    assert [each.check.id for each in chosen(check_results([CASE], 3, store), **filters)] == ids


def test_the_csv_and_the_json_hold_every_claim_and_say_so_where_one_has_not_run(store):
    told = check_results([CASE], 3, store)
    rows = list(csv.DictReader(io.StringIO(as_csv(told))))
    whole = json.loads(as_json(told, {"cores": "2"}))
    assert [row["id"] for row in rows] == [row["id"] for row in whole["checks"]] == [each.check.id for each in told]
    assert [row["state"] for row in rows] == [each.state for each in told]
    assert rows[0]["numbers"] == "seed 3" and rows[4]["numbers"] == "" and rows[4]["state"] == NOT_RUN
    assert rows[2]["known_failure"] == "too few"
    assert whole["measured_on"] == {"cores": "2"} and whole["counts"] == counts(told)
    assert as_rows([]) == [] and as_csv([]).count("\n") == 1


@pytest.mark.parametrize(
    "ids, said",
    [
        ((), "no check compares the direction"),
        (("T1",), "the same"),
        (("T1", "T2"), "not the same"),
        (("T3",), "not the same"),
        (("T1", "G10"), "not known here, a check has not run"),
        (("T4",), "not known here, a check has not run"),
    ],
)
def test_a_published_figure_agrees_where_the_checks_that_say_so_hold(store, ids, said):
    figure = Published("Size", "14×", CASE.sources[0], "Check T1.", agrees=ids)
    told = beside(CASE, figure, 3, store)
    assert [each.check.id for each in told] == list(ids)
    assert direction(told) == said


# -- recorded verdicts -----------------------------------------------------------------------------------------------

KEPT = {
    (CASE.slug, check.id, 3): RecordedVerdict(check.sentence, holds, True, f"kept {check.id}", "A CPU", "2026-11-01")
    for check, holds in zip(CHECKS, (True, False, True, False), strict=True)
}
ORIGIN = "recorded on A CPU, 2026-11-01"


def test_a_recorded_verdict_stands_until_the_check_has_run_here(store):
    for at in (0, 2):
        store.clear()
        store.add(CASE, CHECKS[at], 3, verdict_of(CHECKS[at], 3))
        told = check_results([CASE], 3, store, KEPT)[:4]
        assert [result.origin == "" for result in told] == [i == at for i in range(4)]
        assert [result.verdict.numbers for result in told if result.origin] == [
            f"kept {check.id}" for i, check in enumerate(CHECKS) if i != at
        ]
        assert all(result.waiting == bool(result.origin) for result in told)


def test_a_verdict_of_another_sentence_or_seed_is_not_told():
    reworded = replace(CASE, checks=(replace(CHECKS[0], sentence="More is worse."), *CHECKS[1:]))
    told = check_results([reworded], 3, Store(), KEPT)
    assert told[0].state == NOT_RUN and told[1].origin == ORIGIN
    assert {result.state for result in check_results([CASE], 4, Store(), KEPT)} == {NOT_RUN}


def test_the_headline_counts_apart_what_was_recorded(store):
    store.clear()
    store.add(CASE, CHECKS[0], 3, Verdict(True, ""))
    told = headline(check_results([CASE], 3, store, KEPT)[:4])
    assert told == (
        "4 checks over 1 case; 1 ran on this server: 1 pass, 0 fail, 0 fail as known; "
        f"3 {ORIGIN}: 1 pass, 1 fail, 1 fail as known."
    )
    assert [row["measured"] for row in as_rows(check_results([CASE], 3, store, KEPT)[:4])] == ["here", *[ORIGIN] * 3]
