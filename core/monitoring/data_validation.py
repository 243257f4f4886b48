"""Data validation of a batch: rules from the case's columns, checked by pandera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.contract.case import Case
from core.contract.design import Design
from core.contract.interview_spec import Column, Sample

KINDS = {"int": "int64", "float": "float64", "str": "str"}


@dataclass(frozen=True)
class Failure:
    """A broken rule of a column: the rule in words, the number of rows, and the first failing value."""

    column: str
    rule: str
    n_rows: int
    example: str


def failures(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> tuple[Failure, ...]:
    """The broken rules of a batch in the order of the columns; empty for a valid batch.

    Raises ValueError without columns or for a column kind outside KINDS.
    """
    if not columns:
        raise ValueError("a validation needs at least one column")
    if not rows:
        return (Failure("(batch)", "is not empty", 0, ""),)
    import pandas as pd  # with pandera about 0.4 s of CPU, once
    import pandera.pandas as pa

    table = pd.DataFrame([dict(row) for row in rows])
    whole = [c.name for c in columns if c.kind == "float" and c.name in table and table[c.name].dtype == "int64"]
    try:
        schema(columns).validate(table.astype(dict.fromkeys(whole, "float64")), lazy=True)
    except pa.errors.SchemaErrors as found:
        return _grouped(found.failure_cases, [column.name for column in columns])
    return ()


def schema(columns: Sequence[Column]) -> Any:
    """The pandera schema: exactly these columns, with types, ranges, allowed values and uniqueness."""
    import pandera.pandas as pa

    unknown = sorted({column.kind for column in columns} - set(KINDS))
    if unknown:
        raise ValueError(f"a column's kind must be one of {sorted(KINDS)}, got {unknown}")
    rules = {
        column.name: pa.Column(KINDS[column.kind], _rules(column), unique=column.unique, nullable=False)
        for column in columns
    }
    return pa.DataFrameSchema(rules, strict=True)


def _rules(column: Column) -> list[Any]:
    import pandera.pandas as pa

    rules = []
    if column.low is not None:
        rules.append(pa.Check.ge(column.low, error=f"at least {column.low:,.15g}"))
    if column.high is not None:
        rules.append(pa.Check.le(column.high, error=f"at most {column.high:,.15g}"))
    if column.allowed:
        rules.append(pa.Check.isin(list(column.allowed), error=f"one of {len(column.allowed)} known values"))
    return rules


PLAIN = {
    "field_uniqueness": "no value twice",
    "not_nullable": "never empty",
    "column_in_dataframe": "is there",
    "column_in_schema": "is a column that was agreed",
}


def _grouped(cases: Any, order: Sequence[str]) -> tuple[Failure, ...]:
    """One Failure per rule, from pandera's line per value."""
    values_by_rule: dict[tuple[str, str], list[Any]] = {}
    for row in cases.to_dict("records"):
        if str(row["failure_case"]).startswith("TypeError"):
            continue  # a value of the wrong type, which is reported as that
        about_schema = row["schema_context"] == "DataFrameSchema"
        column = str(row["failure_case"] if about_schema else row["column"])
        values_by_rule.setdefault((column, _plain(str(row["check"]))), []).append(row["failure_case"])
    place = {name: at for at, name in enumerate(order)}
    listed = [Failure(column, rule, len(values), _text(values[0])) for (column, rule), values in values_by_rule.items()]
    return tuple(sorted(listed, key=lambda failure: place.get(failure.column, len(place))))


def _text(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)[:60]
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"


def _plain(check: str) -> str:
    if check.startswith(("dtype(", "coerce_dtype(")):
        return f"of type {check.partition('(')[2].rstrip(')').strip(chr(39))}"
    return PLAIN.get(check, check)


@dataclass(frozen=True)
class Verified:
    """The failures of the real batch and of the one with a planted fault."""

    real: tuple[Failure, ...]
    planted: tuple[Failure, ...]

    @property
    def works(self) -> bool:
        """True when the real batch passes and the planted one fails, without which the validation proves nothing."""
        return not self.real and bool(self.planted)


def verify(sample: Sample) -> Verified:
    """Validate both batches of a case's sample; planting the fault leaves the real rows unchanged."""
    planted = sample.spoil([dict(row) for row in sample.rows])
    return Verified(failures(sample.columns, sample.rows), failures(sample.columns, planted))


def sample_and_verify(case: Case, design: Design, seed: int) -> tuple[Sample, Verified]:
    """The rows of a design as its pipeline reads them, validated. Raises DataError for bad files."""
    sample = case.interview.sample(design, seed)
    return sample, verify(sample)


def rule_text(column: Column) -> str:
    """A column's rules in words."""
    parts = [column.kind]
    if column.low is not None and column.high is not None:
        parts.append(f"{column.low:,.15g} to {column.high:,.15g}")
    elif column.low is not None:
        parts.append(f"at least {column.low:,.15g}")
    elif column.high is not None:
        parts.append(f"at most {column.high:,.15g}")
    if column.allowed:
        parts.append(f"one of {len(column.allowed)} values")
    return ", ".join([*parts, *(["no value twice"] if column.unique else [])])
