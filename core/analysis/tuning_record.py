"""The recorded tuning of a case in one line for its page: `python -m data.make.tuning` records it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from core.contract.case import Case
from core.contract.design import knobs
from core.contract.tuning_record import ModelTuning, OnTest, TuningRecord

FILE = Path(__file__).resolve().parents[2] / "data" / "recorded" / "tuning.json"
NO_TUNING = "No tuning on record."


@cache
def recorded_tuning(path: Path = FILE) -> dict[str, TuningRecord]:
    """The recorded tuning by case; nothing where the file is not there. Raises ValueError where it cannot be read."""
    if not path.exists():
        return {}
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return {slug: _record(row) for slug, row in said.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name} holds no tuning: {error}") from None


def _record(row: Mapping[str, Any]) -> TuningRecord:
    models = tuple(
        ModelTuning(
            one["model"], tuple(one["settings"]), tuple(one["scores"]), one["best"],
            OnTest(**one["test"]) if one["test"] else None, one.get("reduced", ""),
        )
        for one in row["models"]
    )  # fmt: skip
    return TuningRecord(row["metric"], row["split"], row["recorded_on"], models, tuple(row.get("untuned", ())))


def tuning_line(case: Case) -> str:
    """How many settings each model of a case got, on what, and what came of it; NO_TUNING without a record.

    Markdown. A setting that was best on the validation split and is not in use is named with its change on the test.
    """
    record = recorded_tuning().get(case.slug)
    if record is None:
        return NO_TUNING
    best = [_label(case, model.model) for model in record.models if model.test is None]
    same = [
        _label(case, model.model) for model in record.models if model.test is not None and not model.test.told_apart
    ]
    others = [_other(case, model) for model in record.models if model.test is not None and model.test.told_apart]
    said = [
        f"**Tuning:** {record.n_settings} settings per model, judged by {record.metric} on {record.split} "
        f"(recorded {_day(record.recorded_on)})."
    ]
    said += [f"The setting in use was best for {', '.join(best)}."] if best else []
    said += [f"Another was best, and the test data tell no difference, for {', '.join(same)}."] if same else []
    change = f"its change in {case.qualities[0].label} on the test data"
    said += [f"Another was best and is not in use; {change}: {'; '.join(others)}."] if others else []
    reduced = [f"{_label(case, model.model)} {model.reduced}" for model in record.models if model.reduced]
    said += [f"Trained with less than the served model, for every setting: {'; '.join(reduced)}."] if reduced else []
    untuned = [_label(case, name) for name in record.untuned]
    said += [f"Nothing to tune in {', '.join(untuned)}."] if untuned else []
    return " ".join(said)


def _other(case: Case, model: ModelTuning) -> str:
    """A model with its best setting and what that changes on the test data."""
    setting = ", ".join(
        f"{name.replace('_', ' ')} {_shown(value)}" for name, value in model.settings[model.best].items()
    )
    change = model.test
    return f"{_label(case, model.model)} {change.mean:+.3f} ({change.low:+.3f} to {change.high:+.3f}; {setting})"


def _day(recorded_on: str) -> str:
    day = date.fromisoformat(recorded_on)
    return f"{day.day} {day:%B %Y}"


def _shown(value: Any) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list | tuple) else f"{value:,}"


def _label(case: Case, model: str) -> str:
    """The name of a model on the page: that of a knob's option, or its own."""
    names = (dict(knob.names) for knob in knobs(case.Design).values() if knob.names)
    return next((str(of_knob[model]) for of_knob in names if model in of_knob), model)
