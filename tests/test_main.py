"""The command line on the toy case: what it prints, what it writes, and how it says that something went wrong."""

import contextlib
import csv
import dataclasses
import io
import json
import sys
from urllib.parse import parse_qsl

import numpy as np
import pytest

from core import __main__ as cli
from core.checks.common import checks_of
from core.cli import arguments, laws
from core.cli.run import figures
from core.contract.check import Check, Verdict
from core.contract.design import from_query
from core.metrics import NotEnoughSamples
from core.runtime import recorded
from tests import factory, toy_case
from tests.toy_case import ToyDesign

KEY = factory.KEY
QUICK = factory.case(lambda design, seed: factory.measurement([design.dim / 64] * 20, counts={"distances": 7.0}))


def offer(monkeypatch, *cases):
    monkeypatch.setattr(arguments, "BY_SLUG", {case.slug: case for case in cases})


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A case that is measured at once, under the name `made`."""
    offer(monkeypatch, QUICK)


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def failing_at(*dims):
    def run(design, seed):
        if design.dim in dims:
            raise RuntimeError("too many, too long")
        return factory.measurement()

    return factory.case(run)


# run


def test_run_prints_the_choices_the_figures_and_the_steps(monkeypatch, capsys):
    offer(monkeypatch, toy_case.CASE)
    assert cli.main(["run", "toy", "--set", "index=hnsw", "dim=64"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = dict(line.rsplit(maxsplit=1) for line in lines if not line.startswith("step "))
    assert (told["Index"], told["Embedding size"], told["Effort"]) == ("hnsw", "64", "16")
    assert 0.8 < float(told[KEY]) <= 1 and {"p50_ms", "p95_ms", "p99_ms", "memory_bytes", "build_s"} <= set(told)
    assert any(line.startswith("step time search") for line in lines)


def test_run_leaves_out_a_knob_that_does_nothing(capsys):
    assert cli.main(["run", "made"]) == 0
    assert "Effort" not in capsys.readouterr().out


def test_run_hands_the_seed_on(monkeypatch):
    seeds = []
    offer(monkeypatch, factory.case(lambda design, seed: seeds.append(seed) or factory.measurement()))
    assert cli.main(["run", "made", "--seed", "5"]) == 0 and seeds == [5]


def test_by_hand_figures():
    told = figures(factory.evaluated(factory.measurement([0.5] * 20, 10.0, counts={"distances": 7.0}, noise=1.5)))
    assert (
        told.items()
        >= {
            KEY: 0.5,
            f"{KEY}_low": 0.5,
            f"{KEY}_high": 0.5,
            "p50_ms": 10.0,
            "p95_ms": 10.0,
            "p99_ms": 10.0,
            "memory_bytes": 2**30,
            "build_s": 1.0,
            "distances": 7.0,
        }.items()
    )
    assert 1.5 in told.values() and len(told) == 11


def test_figures_of_too_few_requests_are_refused():
    with pytest.raises(NotEnoughSamples, match="p99 needs"):
        figures(factory.evaluated(factory.measurement(service_ms=[1.0] * 200)))


def test_run_says_which_steps_were_remembered(monkeypatch, capsys):
    offer(monkeypatch, toy_case.CASE)
    cli.main(["run", "toy"])
    capsys.readouterr()
    cli.main(["run", "toy"])
    steps = [line for line in capsys.readouterr().out.splitlines() if line.startswith("step ")]
    assert steps and all(line.endswith("reused") for line in steps)


# Arguments


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["walk"],
        ["run"],
        ["run", "nosuch"],
        ["run", "made", "--colour", "red"],
        ["run", "made", "--n", "3"],
        ["run", "made", "--seed", "x"],
        ["run", "made", "--seed", "-1"],
        ["run", "made", "--seed=1000000"],
        ["run", "made", "--seed", "1.5"],
        ["sweep", "made", "--seed", "-1"],
        ["check", "--seed", "-1"],
        ["record", "--seed", "-1"],
        ["export", "made", "--out", "unused", "--seed", "-1"],
        ["sweep", "made", "--n", "many"],
        ["sweep", "made", "--out"],
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_unusable_arguments_exit_with_2_and_say_why(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    told = capsys.readouterr()
    assert stopped.value.code == 2 and "error:" in told.err and not told.out


def test_a_check_has_no_knobs_to_set():
    with pytest.raises(SystemExit):
        cli.main(["check", "made", "--set", "dim=4"])


def test_a_command_names_the_cases_it_knows(capsys):
    with pytest.raises(SystemExit):
        cli.main(["run", "nosuch"])
    assert "made" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pair", "word"),
    [("dim=17", "“17” is not on offer, so this opens 16"), ("dim", "“” is not on offer"), ("hue=red", "not a knob")],
)
def test_a_bad_setting_says_so_on_stderr_and_the_nearest_design_runs(pair, word, capsys):
    assert cli.main(["run", "made", "--set", pair]) == 0
    told = capsys.readouterr()
    assert word in told.err and word not in told.out
    assert dict(line.rsplit(maxsplit=1) for line in told.out.splitlines())["Embedding size"] == "16"


def test_a_setting_that_does_nothing_says_so_on_stderr(capsys):
    assert cli.main(["run", "made", "--set", "effort=64"]) == 0
    assert "cannot be had under these choices" in capsys.readouterr().err


def test_a_seed_given_as_a_knob_says_that_it_is_none(capsys):
    cli.main(["run", "made", "--set", "seed=5"])
    assert "seed" in capsys.readouterr().err.lower()


# sweep


def test_sweep_writes_one_row_a_design_knobs_first_and_the_error_last(tmp_path, capsys):
    out = tmp_path / "rows.csv"
    assert cli.main(["sweep", "made", "--n", "5", "--out", str(out)]) == 0
    rows = rows_of(out)
    names = list(rows[0])
    assert names[:4] == ["noise", "dim", "index", "effort"] and names[-1] == "error" and "distances" in names
    assert len(rows) == 5 and all(float(row[KEY]) == int(row["dim"]) / 64 and not row["error"] for row in rows)
    assert capsys.readouterr().err == "5 designs, 0 failed\n"


def test_sweep_contains_the_design_it_was_given(tmp_path):
    out = tmp_path / "rows.csv"
    assert cli.main(["sweep", "made", "--n", "1", "--set", "dim=64", "index=hnsw", "--out", str(out)]) == 0
    assert [(row["dim"], row["index"]) for row in rows_of(out)] == [("64", "hnsw")]


def test_a_knob_keeps_its_column_beside_a_figure_of_the_same_name(tmp_path):
    out = tmp_path / "rows.csv"
    assert cli.main(["sweep", "made", "--n", "1", "--set", "noise=0.5", "--out", str(out)]) == 0
    assert [row["noise"] for row in rows_of(out)] == ["0.5"]


def test_sweep_keeps_the_rows_that_went_well_and_exits_with_1(monkeypatch, tmp_path, capsys):
    offer(monkeypatch, failing_at(64))
    out = tmp_path / "rows.csv"
    assert cli.main(["sweep", "made", "--n", "100", "--out", str(out)]) == 1
    rows = rows_of(out)
    assert len(rows) == 12 and {row["error"] for row in rows if row["dim"] != "64"} == {""}
    assert {(row["error"], row[KEY]) for row in rows if row["dim"] == "64"} == {
        ("RuntimeError: too many, too long", "")
    }
    assert capsys.readouterr().err == "12 designs, 4 failed\n"


def test_a_sweep_whose_first_design_fails_keeps_the_figures_of_the_others(monkeypatch, tmp_path):
    offer(monkeypatch, failing_at(4))
    out = tmp_path / "rows.csv"
    assert cli.main(["sweep", "made", "--n", "100", "--out", str(out)]) == 1
    assert {row.get(KEY) for row in rows_of(out)} == {"", "0.5"}


def test_a_count_that_only_later_designs_have_is_kept(monkeypatch, tmp_path):
    def run(design, seed):
        return factory.measurement(counts={"hops": 3.0} if design.index == "hnsw" else {})

    offer(monkeypatch, factory.case(run))
    out = tmp_path / "rows.csv"
    assert cli.main(["sweep", "made", "--n", "100", "--out", str(out)]) == 0
    assert {row.get("hops") for row in rows_of(out)} == {"", "3.0"}


@pytest.mark.parametrize("n", ["0", "-4"])
def test_a_sweep_of_nothing_exits_with_1(n, tmp_path, capsys):
    assert cli.main(["sweep", "made", "--n", n, "--out", str(tmp_path / "rows.csv")]) == 1
    assert capsys.readouterr().err == "0 designs, 0 failed\n"


def test_a_sweep_without_a_file_prints_its_rows(monkeypatch):
    class Kept(io.StringIO):
        def close(self):
            pass

    out = Kept()
    monkeypatch.setattr(sys, "stdout", out)
    assert cli.main(["sweep", "made", "--n", "3"]) == 0
    assert len(list(csv.DictReader(io.StringIO(out.getvalue())))) == 3


def test_a_sweep_without_a_file_leaves_standard_output_open():
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        cli.main(["sweep", "made", "--n", "1"])
    assert not out.closed


@pytest.mark.parametrize("name", ["missing/rows.csv", "."], ids=["no such folder", "a folder"])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(name, monkeypatch, tmp_path, capsys):
    ran = []
    offer(monkeypatch, factory.case(lambda design, seed: ran.append(design)))
    assert cli.main(["sweep", "made", "--n", "3", "--out", str(tmp_path / name)]) == 2
    assert str(tmp_path / name) in capsys.readouterr().err and not ran


# check


def with_checks(*checks, slug="made"):
    return factory.case(lambda design, seed: factory.measurement(), slug, checks=checks)


def check(holds, known_failure="", id="T1"):
    return Check(id, "More is better.", "DIR", lambda seed: Verdict(holds, f"seed {seed}"), known_failure)


def test_check_prints_a_line_a_check_with_its_numbers(monkeypatch, capsys):
    offer(monkeypatch, with_checks(check(True)))
    assert cli.main(["check", "made", "--seed", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "holds made/T1 More is better. [seed 3]"
    assert [line.split()[1] for line in lines[1:]] == ["made/G10", "made/G16"]


def test_a_failing_check_exits_with_1(monkeypatch, capsys):
    offer(monkeypatch, with_checks(check(False)))
    assert cli.main(["check", "made"]) == 1
    assert capsys.readouterr().out.startswith("fails made/T1 More is better. [seed 0]\n")


def test_a_known_failure_stays_visible_with_its_reason_and_is_no_error(monkeypatch, capsys):
    offer(monkeypatch, with_checks(check(False, "too few queries"), check(True, "no longer", id="T2")))
    assert cli.main(["check", "made"]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "fails made/T1 More is better. [seed 0] (known: too few queries)"
    assert second == "holds made/T2 More is better. [seed 0]"


def test_a_check_that_raises_fails_and_the_rest_go_on(monkeypatch, capsys):
    def run(seed):
        raise RuntimeError("no such index")

    offer(monkeypatch, with_checks(Check("T1", "More is better.", "DIR", run), check(True, id="T2")))
    assert cli.main(["check", "made"]) == 1
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("fails made/T1") and "no such index" in first and second.startswith("holds made/T2")


def test_a_check_that_raises_is_an_error_even_where_it_is_known_to_fail(monkeypatch, capsys):
    def run(seed):
        raise RuntimeError("no such index")

    offer(monkeypatch, with_checks(Check("T1", "More is better.", "DIR", run, "too few queries")))
    assert cli.main(["check", "made"]) == 1
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("fails made/T1") and "no such index" in first and "known" not in first


def test_check_without_a_case_runs_the_checks_of_all(monkeypatch, capsys):
    offer(monkeypatch, with_checks(check(True), slug="one"), with_checks(check(True), slug="two"))
    assert cli.main(["check"]) == 0
    assert {line.split()[1].split("/")[0] for line in capsys.readouterr().out.splitlines()} == {"one", "two"}


def test_check_holds_on_the_toy_case(monkeypatch, capsys):
    offer(monkeypatch, toy_case.CASE)
    assert cli.main(["check", "toy"]) == 0
    assert "fails" not in capsys.readouterr().out


def test_the_defaults_are_the_default_design_and_seed(monkeypatch):
    seen = []
    offer(
        monkeypatch, factory.case(lambda design, seed: seen.append((design, seed)) or factory.measurement([0.5] * 20))
    )
    cli.main(["run", "made"])
    assert seen == [(ToyDesign(), 0)]


def test_export_writes_every_file_of_a_design_into_a_new_folder_alone(monkeypatch, tmp_path, capsys):
    offer(monkeypatch, toy_case.CASE)
    folder = tmp_path / "mine" / "digits"
    assert cli.main(["export", "toy", "--set", "dim=16", "--out", str(folder)]) == 0
    written = sorted(path.name for path in folder.iterdir())
    assert {"kneepoint-toy.html", "kneepoint-toy.json", "kneepoint-toy-drawing.svg"} <= set(written)
    assert "dim=16" in (folder / "kneepoint-toy.json").read_text()
    assert cli.main(["export", "toy", "--out", str(folder)]) == 2
    assert "not an empty folder" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == written


def planned(capsys, *arguments):
    assert cli.main(["plan", "made", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("labels", [100, 300, 1_000])
def test_plan_prints_every_line_with_what_it_promises_and_how_it_was_tried(labels, monkeypatch, capsys):
    values = np.random.default_rng(0).beta(4, 1, size=500)
    offer(monkeypatch, factory.case(lambda design, seed: factory.measurement(values)))
    plan = planned(capsys, "--labels", str(labels), "--days", "30")
    assert (plan["case"], plan["labels"], plan["days"]) == ("made", labels, 30)
    for line in plan["lines"]:
        assert {"what", "threshold", "reason", "promised", "tried"} <= set(line)
        assert (line["threshold"] is None) == bool(line["reason"])
        if line["threshold"] is not None:
            assert 0 <= line["promised"] <= 1 / 30 and line["tried"] == pytest.approx(line["promised"], abs=0.015)
    (mean,) = [line for line in plan["lines"] if line["what"] == f"{KEY} of a day's labels"]
    days = np.random.default_rng(1).choice(values, size=(4_000, labels)).mean(axis=1)
    assert (days < mean["threshold"]).mean() == pytest.approx(1 / 30, abs=0.012)


def test_plan_says_where_it_cannot_tell(capsys):
    """The quick case has twenty equal values and a thousand equal times."""
    lines = planned(capsys)["lines"]
    reasons = {line["what"]: line["reason"] for line in lines if line["threshold"] is None}
    assert "alike" in reasons[f"{KEY} of a day's labels"] and all(reasons.values())
    assert cli.main(["plan", "made"]) == 0
    assert "cannot be told; all 20 values are alike" in capsys.readouterr().out


@pytest.mark.parametrize("bad", [("--labels", "0"), ("--labels", "-5"), ("--days", "-3"), ("--days", "0")])
def test_plan_refuses_numbers_that_make_no_plan(bad, capsys):
    assert cli.main(["plan", "made", *bad]) == 2
    written = capsys.readouterr()
    assert "must be" in written.err and bad[1] in written.err and not written.out


def test_laws_of_one_case_are_its_own_and_those_of_all_cover_every_index_kind(monkeypatch):
    asked = []
    monkeypatch.setattr(laws, "record_laws", lambda cases, every, tell: asked.append(([c.slug for c in cases], every)))
    offer(monkeypatch, toy_case.CASE, dataclasses.replace(toy_case.CASE, slug="other"))
    assert cli.main(["laws", "toy"]) == 0 and cli.main(["laws"]) == 0
    assert asked == [(["toy"], False), (["toy", "other"], True)]


def test_record_keeps_measured_designs_and_checks_that_can_be_read_back(monkeypatch, tmp_path):
    offer(monkeypatch, toy_case.CASE)
    assert cli.main(["record", "toy", "--n", "3", "--out", str(tmp_path)]) == 0
    rows = recorded.read(tmp_path / "toy.parquet")
    assert len(rows) == 3 and all(row["recorded_on"] and row["processor"] for row in rows)
    design, seed, notes = from_query(ToyDesign, dict(parse_qsl(rows[0]["design"])))
    again = toy_case.CASE.run(design, seed=seed)
    key = toy_case.CASE.qualities[0].key
    assert not notes and rows[0][key] == again.quality[key].value and rows[0]["memory_bytes"] == again.memory_bytes
    for _ in range(2):  # recorded again, they take the place of those that were there
        checks = recorded.read(tmp_path / recorded.CHECKS)
        assert [row["check"] for row in checks] == [check.id for check in checks_of(toy_case.CASE)]
        assert {row["case"] for row in checks} == {"toy"}
        cli.main(["record", "toy", "--n", "1", "--out", str(tmp_path)])


def test_record_compare_tells_what_changed_and_fails_where_something_did(monkeypatch, tmp_path, capsys):
    offer(monkeypatch, toy_case.CASE)
    monkeypatch.setattr(recorded, "FOLDER", tmp_path / "kept")
    assert cli.main(["record", "toy", "--compare"]) == 2 and "record it first" in capsys.readouterr().err
    for folder in (recorded.FOLDER, tmp_path / "new"):
        assert cli.main(["record", "toy", "--designs", "3", "--out", str(folder)]) == 0
    recorded._designs.cache_clear()  # read before it was written
    assert cli.main(["record", "toy", "--compare", "--designs", "2"]) == 0
    assert "toy: 0 changed." in capsys.readouterr().out
    assert cli.main(["record", "toy", "--compare", "--out", str(tmp_path / "new")]) == 0
    rows = recorded.read(tmp_path / "new" / "toy.parquet")
    rows[0][toy_case.CASE.qualities[0].key] += 0.01
    recorded.write(tmp_path / "moved" / "toy.parquet", rows)
    recorded.write(tmp_path / "moved" / recorded.CHECKS, recorded.read(tmp_path / "new" / recorded.CHECKS))
    assert cli.main(["record", "toy", "--compare", "--out", str(tmp_path / "moved")]) == 1
    assert "→" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"not parquet", None])
def test_a_file_that_holds_no_record_is_a_value_error(content, tmp_path):
    path = tmp_path / "some.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="holds no recorded measurements"):
        recorded.read(path)
