"""The wall's arithmetic on values worked out by hand, and its chart with anybody's text in it."""

import json
import time

import pytest

from core.charts import class_wall, class_wall_summary
from core.classroom import wall
from core.classroom.submissions import submission as submitted
from core.contract.design import knobs
from core.runtime import recorded
from core.runtime.recorded import row, write
from core.ui.classroom.histogram import histogram
from tests import factory
from tests.classroom.made import CASE, KEY, entry, lesson, submission

NASTY = "<img src=x onerror=alert(1)>"


def measured(quality=0.5, ms=2.0):
    made = factory.measurement([quality] * 100, ms)
    return factory.replace(made, quality={KEY: made.quality[factory.KEY]})


def test_what_meets_the_slo_leads_then_the_goal_then_who_was_earlier():
    entries = [
        entry(1, 1, submission(0.5)),
        entry(2, 2, submission(0.9, verdict="misses")),
        entry(3, 3, submission(0.6)),
        entry(4, 1, submission(0.7)),
        entry(5, 4, submission(0.7)),
        entry(6, 5, submission(0.8, verdict="cannot say")),
        entry(7, 1, submission(0.4)),
        entry(8, 6, submission(None, verdict="cannot say")),
    ]
    ranking = wall.ranked(lesson(), entries)
    assert [one.number for one in ranking] == [4, 5, 3, 6, 8, 2]
    assert [wall.place(ranking, student) for student in (1, 4, 3, 5, 6, 2, 99)] == [1, 2, 3, 4, 5, 6, None]


def test_a_cost_is_pushed_down():
    entries = [entry(1, 1, submission(usd=90.0)), entry(2, 2, submission(usd=40.0)), entry(3, 3, submission(usd=70.0))]
    assert [one.student for one in wall.ranked(lesson(goal="usd"), entries)] == [2, 3, 1]
    x, y = wall.axes(lesson(goal="usd"))
    assert (x.column, y.column, x.better) == ("usd", KEY, "lower")
    assert [axis.column for axis in wall.axes(lesson())] == ["load_p99_ms", KEY]


def test_the_class_front_holds_what_no_other_design_dominates():
    at = {"a": (0.5, 1.0), "b": (0.4, 2.0), "c": (0.7, 3.0), "d": (0.7, 4.0), "e": (0.9, None), "f": (0.95, 9.0)}
    entries = [entry(n, n, submission(*point, design=name)) for n, (name, point) in enumerate(at.items(), 1)]
    entries += [entry(9, 9, submission(0.99, 0.1, design="noisy", noisy=True))]
    rows = wall.marks(lesson(), entries, 9)
    assert [row["on_front"] for row in rows] == [True, False, True, False, False, True, False]
    assert [row["latest"] for row in rows] == [False] * 6 + [True]


def test_one_mark_stands_for_all_who_submitted_a_design():
    entries = [entry(n, n, submission(design="same"), nickname=f"s{n}") for n in (1, 2, 3, 4)]
    (row,) = wall.marks(lesson(), entries, None)
    assert row["name"] == "s1, s2 +2" and row["role"] == "leader"
    entries = [entry(1, 1, submission(design="same"), hidden=True)]
    assert wall.marks(lesson(), entries, None)[0]["name"] == "hidden name"


def test_a_frozen_wall_shows_what_was_there():
    entries = [entry(n, n, submission()) for n in (1, 2, 3)]
    assert [one.number for one in wall.shown(entries, 2)] == [1, 2]
    assert wall.shown(entries, 0) == [] and wall.shown(entries, None) == entries


def test_the_last_change_is_told_with_its_place():
    entries = [entry(1, 1, submission(0.5), "Ana"), entry(2, 2, submission(0.8), "Bob")]
    assert wall.what_changed(lesson(), []) == "Nobody has submitted yet."
    moved = [*entries, entry(3, 1, submission(0.61, differs="ANN index HNSW"), "Ana")]
    assert wall.what_changed(lesson(), moved) == "Ana: nDCG@10 0.500 → 0.610; place 2. ANN index HNSW."
    long = [*entries, entry(3, 1, submission(0.5, differs=", ".join(["ANN index HNSW"] * 20)), "Ana")]
    assert len(wall.what_changed(lesson(), long)) < 150 and wall.what_changed(lesson(), long).endswith(" …")
    missed = [*entries, entry(3, 2, submission(0.9, verdict="misses"), "Bob")]
    assert wall.what_changed(lesson(), missed) == "Bob: nDCG@10 0.800 → 0.900, misses cost; leads. The starting design."


def test_predictions_are_counted_by_what_was_said_and_what_came():
    said = [("up", "up"), ("up", "down"), ("same", "same")]
    entries = [
        entry(1, 1, submission(said=said)),
        entry(2, 2, submission(said=[("up", "up")])),
        entry(3, 3, submission()),
    ]
    counts = wall.predicted(entries)
    assert counts["up"] == {"down": 1, "same": 0, "up": 2} and counts["same"]["same"] == 1
    assert sum(counts["down"].values()) == 0
    assert "3 of 4 right" in histogram(counts) and "2 ✓ 1 ✗" in histogram(counts)
    assert "measured ↓ down 1" in histogram(counts)
    assert histogram(wall.predicted([])) == ""


def test_the_file_of_a_teacher_has_a_row_for_each_submission():
    entries = [entry(1, 1, submission(0.5, said=[("up", "down")]), "Ana"), entry(2, 1, submission(0.6), "Ana", True)]
    first, last = wall.table(lesson(), entries)
    assert (first["place"], last["place"]) == (None, 1) and last["name_hidden"] and last["nickname"] == "Ana"
    assert first["submitted"] == "1970-01-01T00:00:01+00:00" and first["predictions"] == "x said up, measured down"
    assert first[KEY] == 0.5 and "secret" not in json.dumps([first, last])


def test_a_submission_has_the_servers_figures_under_the_lessons_requirements():
    asked = lesson(requirements={"quality_floor": 0.4, "items": None, "budget_usd": None})
    made = submitted(asked, asked.design, measured(0.5))
    assert made.figures[KEY] == 0.5 and made.differs == "" and made.mode == "online"
    assert not set(made.figures) & set(knobs(CASE.Design))  # a knob is no figure
    assert made.verdict == submitted(asked, asked.design, measured(0.5)).verdict
    strict = lesson(requirements={"quality_floor": 0.99, "items": None})
    assert submitted(strict, strict.design, measured(0.5)).verdict == "misses"


def test_a_design_that_the_lesson_does_not_allow_is_refused():
    asked = lesson(CASE.baseline, locked=("index",), hidden=("encoder",))
    other = CASE.Design()
    assert other.index != asked.design.index and other.encoder != asked.design.encoder
    with pytest.raises(ValueError, match="ANN index is fixed"):
        submitted(asked, other, measured())


def test_the_reference_front_is_of_recorded_designs_that_the_lesson_allows(tmp_path, monkeypatch):
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    start, other = CASE.baseline, CASE.Design()
    rows = [row(design, 0, measured(quality)) for design, quality in ((start, 0.4), (other, 0.6))]
    write(tmp_path / f"{CASE.slug}.parquet", rows)
    free = {"quality_floor": None, "items": None, "p99_ms": 60_000.0, "budget_usd": None, "freshness_h": None}
    assert sorted(one[KEY] for one in wall.reference(lesson(start, requirements=free))) == pytest.approx([0.4, 0.6])
    (only,) = wall.reference(lesson(start, requirements=free, locked=("index",)))
    assert only[KEY] == pytest.approx(0.4) and only["on_front"]


def drawn(rows, reference=()):
    x, y = wall.axes(lesson())
    figure = class_wall(rows, reference, x, y, lines=wall.lines(lesson()), height=560, text_size=18)
    return figure, json.dumps(figure.to_dict(), default=str)


def test_no_name_is_markup_on_the_chart_and_every_letter_is_large():
    rows = wall.marks(lesson(), [entry(1, 1, submission(), NASTY)], 1)
    figure, text = drawn(rows)
    assert "<img" not in text and "&lt;img" in text
    sizes = [figure.layout.xaxis.tickfont.size, figure.layout.yaxis.tickfont.size, figure.layout.legend.font.size]
    sizes += [note.font.size for note in figure.layout.annotations]
    assert min(sizes) >= 15
    assert NASTY in class_wall_summary(rows, *wall.axes(lesson()))  # it is an attribute, and escaped there


def test_the_leader_the_latest_and_both_fronts_are_on_the_chart():
    at = [(0.5, 1.0), (0.7, 3.0), (0.6, 2.0)]
    entries = [entry(n, n, submission(*point, design=f"d{n}")) for n, point in enumerate(at)]
    rows = wall.marks(lesson(), entries, 2)
    figure, _ = drawn(rows, [{**rows[0], "on_front": True}])
    assert {trace.name for trace in figure.data} == {"class", "class front", "latest", "leader", "reference (recorded)"}
    (leader,) = (trace for trace in figure.data if trace.name == "leader")
    assert list(leader.y) == [0.7]
    assert drawn([])[0].layout.annotations[0].text == "Nothing measured yet"


def test_a_wall_of_a_hundred_students_is_drawn_fast():
    entries = [
        entry(n, n % 100, submission(0.3 + n / 10_000, 1 + n % 37, design=f"d{n % 700}"), f"student {n % 100}")
        for n in range(3_000)
    ]
    drawn(wall.marks(lesson(), entries, 3_000))
    start_s = time.process_time()
    rows = wall.marks(lesson(), entries, 3_000)
    drawn(rows)
    wall.ranked(lesson(), entries), wall.what_changed(lesson(), entries), wall.predicted(entries)
    assert time.process_time() - start_s < 1.0
    assert len(rows) == 700
