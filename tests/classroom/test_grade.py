"""Marking: figures are reproduced or not, the SLO is the teacher's, and a broken file stops nothing."""

import json
import os
from dataclasses import replace
from types import SimpleNamespace

import pytest

from core import __main__ as cli
from core.classroom import grade as grading
from core.classroom.grade import MOST_BYTES, grade, read_file
from core.cli import grade as command
from core.contract.design import to_query
from core.export import tables
from core.export.subject import Subject
from core.serving import slo
from core.serving.evaluate import Evaluated
from tests import factory
from tests.classroom.made import CASE, KEY, lesson
from tests.toy_case import ToyDesign

QUICK = factory.case(lambda design, seed: factory.measurement([0.0, 1.0] * 50 + [1.0] * design.dim))
HOSTILE = {
    "empty": b"",
    "not_json": b"{",
    "a_list": b"[]",
    "deep": b'{"schema":' + b"[" * 200_000,
    "binary": bytes(range(256)),
    "endless_number": b'{"schema": "kneepoint/design", "version": 1, "case": "made", "figures": {"a": 1e999}}',
    "nan": b'{"schema": "kneepoint/design", "version": 1, "case": "made", "design": {}, "figures": {"a": NaN}}',
    "other_schema": b'{"schema": "virus", "version": 1}',
    "types": b'{"schema": "kneepoint/design", "version": 1, "case": ["made"], "design": 7, "figures": "x"}',
    "seed": b'{"schema": "kneepoint/design", "version": 1, "case": "made", "design": {}, "seed": -1, "figures": {}}',
    "no_case": b'{"schema": "kneepoint/design", "version": 1, "case": "../x", "design": {}, "figures": {}}',
    "other_knob": b'{"schema": "kneepoint/design", "version": 1, "case": "made", "design": {"a": "1"}, "figures": {}}',
    "huge": b" " * (MOST_BYTES + 1),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(grading, "BY_SLUG", {QUICK.slug: QUICK, CASE.slug: CASE})


def written(folder, name, design=None, **changed):
    """A file as Export writes it, with some of its values changed."""
    made = design or ToyDesign()
    evaluated = factory.evaluated(QUICK.run(made, seed=0), design=made, case=QUICK)
    whole = json.loads(tables.as_json(Subject(evaluated))) | changed
    (folder / f"{name}.json").write_text(json.dumps(whole))
    return whole


def measured(case, design, seed):
    return case.run(design, seed=seed)


def test_the_schema_is_the_one_that_export_writes(tmp_path):
    whole = written(tmp_path, "ana")
    assert (whole["schema"], whole["version"]) == (tables.SCHEMA, tables.VERSION)
    assert read_file((tmp_path / "ana.json").read_bytes()).case == QUICK.slug


def test_a_figure_that_was_made_up_is_not_reproduced_and_has_no_rank(tmp_path):
    honest = written(tmp_path, "honest")
    written(tmp_path, "liar", figures=honest["figures"] | {factory.KEY: 0.99})
    written(tmp_path, "silent", figures={}, figures_as_measured={})
    written(tmp_path, "sly", figures_as_measured=honest["figures"] | {factory.KEY: 0.99})
    rows = {row.name: row for row in grade(tmp_path, measured)}
    assert rows["honest"].within and rows["honest"].said == rows["honest"].reproduced and rows["honest"].rank == 1
    assert not rows["liar"].within and rows["liar"].said == 0.99 and rows["liar"].rank is None
    assert not rows["sly"].within and rows["sly"].rank is None
    assert not rows["silent"].within and rows["silent"].said is None and rows["silent"].rank is None


def test_a_figure_is_held_against_the_run_at_the_size_that_the_file_states(monkeypatch, tmp_path):
    made = measured(QUICK, ToyDesign(), 0)
    here = made.quality[factory.KEY].value
    words = dict(judged=True, covers="", why="")
    spans = {1e6: SimpleNamespace(value=0.2, low=0.1, high=0.3, moved=True, **words)}
    at_asked = SimpleNamespace(value=here, low=here, high=here, moved=False, **words)
    monkeypatch.setattr(Evaluated, "quality", lambda self, key: spans.get(self.scenario.requirements.items, at_asked))
    for name, said, items in (("carried", 0.25, 1e6), ("other size", 0.25, 5.0), ("as measured", here, 5.0)):
        written(tmp_path, name, figures={factory.KEY: said}, at_items=items)
    rows = {row.name: row for row in grade(tmp_path, measured)}
    assert rows["carried"].within and rows["carried"].reproduced == 0.2
    assert not rows["other size"].within and rows["as measured"].within


def test_the_rank_goes_by_the_quality_that_was_reproduced(tmp_path):
    options = (16, 64)
    for name, dim in zip(("small", "large"), options, strict=True):
        written(tmp_path, name, replace(ToyDesign(), dim=dim))
    rows = grade(tmp_path, measured)
    assert [(row.rank, row.name) for row in rows] == [(1, "large"), (2, "small")]


def test_the_slo_is_the_teachers_and_never_the_files(tmp_path):
    own = written(tmp_path, "ana")
    own["requirements"] |= {"p99_ms": 0.2, "budget_usd": None}
    written(tmp_path, "ana", requirements=own["requirements"])
    (row,) = grade(tmp_path, measured)
    assert row.slo == "meets" and "other requirements" in row.note and "p99_ms" in row.note
    (row,) = grade(tmp_path, measured, asked=lambda needs: replace(needs, p99_ms=0.2))
    assert row.slo == "misses" and row.rank is None


def test_one_broken_file_is_one_row_with_its_reason(tmp_path):
    written(tmp_path, "ana")
    for name, content in HOSTILE.items():
        (tmp_path / f"{name}.json").write_bytes(content)
    (tmp_path / "link.json").symlink_to(tmp_path / "ana.json")
    rows = grade(tmp_path, measured)
    assert rows[0].name == "ana" and rows[0].rank == 1
    assert {row.name for row in rows[1:]} == {*HOSTILE, "link"}
    assert all(row.failure and len(row.failure) <= 300 and "\n" not in row.failure for row in rows[1:])


@pytest.mark.skipif(os.name != "posix", reason="no such names and files")
def test_a_pipe_is_not_waited_for_and_a_name_that_is_no_text_can_be_printed(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / os.fsdecode(b"b\xf6.json")).write_text("{")
    rows = grade(tmp_path, measured)
    assert [row.name for row in rows] == ["b?", "pipe"] and "no file" in rows[1].failure


def test_a_design_that_cannot_be_run_is_a_row_too(tmp_path):
    written(tmp_path, "ana")

    def broken(case, design, seed):
        raise RuntimeError("out of memory")

    (row,) = grade(tmp_path, broken)
    assert row.failure == "out of memory" and row.rank is None


def test_a_lesson_decides_what_is_allowed(tmp_path):
    asked = lesson(CASE.baseline, locked=("index",), requirements={"quality_floor": None, "items": None}, goal="usd")
    said = {KEY: 0.5}
    head = {"schema": tables.SCHEMA, "version": tables.VERSION, "case": CASE.slug, "figures": said}
    for name, design in (("kept", CASE.baseline), ("strayed", CASE.Design())):
        (tmp_path / f"{name}.json").write_text(json.dumps(head | {"design": to_query(design, 0), "seed": 0}))
    (tmp_path / "other_seed.json").write_text(json.dumps(head | {"design": to_query(CASE.baseline, 3), "seed": 3}))
    made = factory.measurement([0.5] * 100, 2.0)
    made = replace(made, quality={KEY: made.quality[factory.KEY]})
    rows = {row.name: row for row in grade(tmp_path, lambda *run: made, asked)}
    assert rows["kept"].within and not rows["kept"].failure and rows["kept"].goal == rows["kept"].usd
    assert "ANN index is fixed" in rows["strayed"].failure and "another seed" in rows["other_seed"].failure


def test_the_command_prints_a_table_and_json_and_says_what_it_could_not_mark(tmp_path, capsys):
    written(tmp_path, "ana")
    (tmp_path / "bo\x1b[2J.json").write_text("{")
    assert cli.main(["grade", str(tmp_path)]) == 1
    table = capsys.readouterr().out
    lines = table.splitlines()
    assert lines[0].split()[:2] == ["rank", "name"] and lines[1].split()[:3] == ["1", "ana", "made"]
    assert "yes" in lines[1] and "\x1b" not in table and "no design that Kneepoint exported" in lines[2]
    assert cli.main(["grade", str(tmp_path), "--json"]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0]["name"] == "ana" and rows[0]["within"] and rows[1]["failure"]
    (tmp_path / "bo\x1b[2J.json").unlink()
    assert cli.main(["grade", str(tmp_path)]) == 0


def test_a_folder_or_requirements_that_cannot_be_read_are_told(tmp_path, capsys):
    assert cli.main(["grade", str(tmp_path / "none")]) == 2 and "holds no JSON files" in capsys.readouterr().err
    written(tmp_path, "ana")
    assert cli.main(["grade", str(tmp_path), "--require", "fun=1"]) == 2 and "no requirement" in capsys.readouterr().err
    (tmp_path / "lesson.json").write_text("{}")
    assert cli.main(["grade", str(tmp_path)]) == 2 and "no lesson" in capsys.readouterr().err


def test_thirty_files_of_one_design_run_it_once():
    runs = []
    run = command._runner()
    case = replace(CASE, run=lambda design, seed: runs.append((design, seed)) or factory.measurement())
    for _ in range(30):
        run(case, CASE.baseline, 0)
    run(case, CASE.baseline, 1)
    assert runs == [(CASE.baseline, 0), (CASE.baseline, 1)]


def test_a_design_is_timed_again_while_the_machine_is_too_busy_to_judge_it(monkeypatch):
    monkeypatch.setattr(slo, "TOO_BUSY", 1.5)
    noise = iter([9.0, 4.0, 6.0])
    case = replace(CASE, run=lambda design, seed: factory.measurement(noise=next(noise)))
    assert command._runner()(case, CASE.baseline, 0).noise == 4.0
    noise = iter([9.0, 1.0])
    assert command._runner()(case, CASE.baseline, 0).noise == 1.0
