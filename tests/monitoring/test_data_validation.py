"""A batch is let in or stopped by the rules of its columns, and each rule stops what it is there for."""

import pytest

from core.contract.interview_spec import Column, Sample
from core.monitoring.data_validation import failures, rule_text, verify

COLUMNS = (
    Column("id", "int", low=0, unique=True),
    Column("kind", "str", allowed=("bag", "shoe")),
    Column("weight", "float", low=0.5, high=2.0),
)
ROWS = tuple({"id": i, "kind": ("bag", "shoe")[i % 2], "weight": 1.0 + i / 100} for i in range(20))


def with_row(at=3, **changed):
    rows = [dict(row) for row in ROWS]
    rows[at] |= changed
    return rows


def test_a_good_batch_passes():
    assert failures(COLUMNS, ROWS) == ()


@pytest.mark.parametrize(
    ("rows", "column", "rule"),
    [
        (with_row(id=-1), "id", "at least 0"),
        (with_row(id=4), "id", "no value twice"),
        (with_row(id=1.5), "id", "of type int64"),
        (with_row(kind="hat"), "kind", "one of 2 known values"),
        (with_row(kind=None), "kind", "never empty"),
        (with_row(weight=2.5), "weight", "at most 2"),
        (with_row(weight=0.1), "weight", "at least 0.5"),
        (with_row(weight=float("nan")), "weight", "never empty"),
        (with_row(weight="heavy"), "weight", "of type float64"),
        (with_row(extra=1), "extra", "is a column that was agreed"),
        ([{"id": 1, "kind": "bag"}], "weight", "is there"),
        ([], "(batch)", "is not empty"),
    ],
)
def test_each_rule_stops_what_it_is_there_for(rows, column, rule):
    assert (column, rule) in [(each.column, each.rule) for each in failures(COLUMNS, rows)]


def test_whole_numbers_are_let_into_a_column_of_floats():
    assert failures(COLUMNS[2:], [{"weight": 1}, {"weight": 2}]) == ()


def test_failures_count_rows_show_the_first_and_come_in_the_order_of_the_columns():
    rows = with_row(0, kind="hat", weight=9.0)
    rows[5] |= {"weight": 7.0}
    found = failures(COLUMNS, rows)
    assert [(each.column, each.n_rows, each.example) for each in found] == [("kind", 1, "hat"), ("weight", 2, "9")]


def test_a_sample_is_verified_both_ways_and_left_as_it_was():
    def spoil(rows):
        rows[0]["weight"] = 0.0
        return rows

    kept = [dict(row) for row in ROWS]
    found = verify(Sample(ROWS, COLUMNS, {}, "", "", spoil))
    assert found.works and [each.column for each in found.planted] == ["weight"]
    assert list(ROWS) == kept


def test_rules_that_let_the_planted_batch_in_do_not_work():
    assert not verify(Sample(ROWS, COLUMNS, {}, "", "", lambda rows: rows)).works


@pytest.mark.parametrize("columns", [(), (Column("id", "date"),)])
def test_impossible_rules_are_refused(columns):
    with pytest.raises(ValueError, match="column"):
        failures(columns, ROWS)


def test_rules_in_words():
    assert [rule_text(each) for each in COLUMNS] == [
        "int, at least 0, no value twice",
        "str, one of 2 values",
        "float, 0.5 to 2",
    ]
