"""The monitoring plan of a measured design: the watched figures, their normal values and their thresholds.

A threshold is tried on quiet history, days redrawn from the design's own log, before it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from core.analysis.figures import FIGURES
from core.contract.case import Case, Measurement, QualityAxis
from core.formatting import count_text
from core.metrics import NotEnoughSamples
from core.monitoring.alarms import QUANTILE, Canary, canary, mean_alarm, percentile_alarm, varied
from core.monitoring.drift import daily_threshold, quiet_psi
from core.monitoring.quiet import quiet_days, quiet_looks
from core.serving.evaluate import Evaluated
from core.serving.scenario import Scenario

WINDOW = 10_000  # requests that a p99 is taken over: a hundred of them lie beyond it
LOOKS_A_DAY = 288  # every five minutes
SHARES = (0.001, 0.01, 0.05, 0.1, 0.5)
POWER = 0.9
ASKED = "the requirements of this page"
REACT_H = 0.25  # from the alarm to the roll-back; illustrative
TRIED_DAYS = 4_000  # quiet days that a threshold is tried on
STANDARD_ERRORS = 5  # that the tried rate may lie from the promised one
SET, TRIED = 0, 1  # seeds: a threshold is not tried on the days that it was set on
MOST_LABELS, MOST_DAYS = 1_000_000, 10_000


@dataclass(frozen=True)
class Setting:
    """The visitor's monitoring settings. ValueError for a number that no plan can be made for."""

    daily: int  # requests that get a label a day
    days: int  # between two false alarms of one line
    drop: float  # of the first quality that must be seen, as a share of its present value

    def __post_init__(self) -> None:
        if not (1 <= self.daily <= MOST_LABELS and self.daily == int(self.daily)):
            raise ValueError(f"the labels a day must be a whole number from 1 to {MOST_LABELS:,}, got {self.daily}")
        if not 2 <= self.days <= MOST_DAYS:
            raise ValueError(f"the days between false alarms must be from 2 to {MOST_DAYS:,}, got {self.days}")
        if not 0 < self.drop < 1:
            raise ValueError(f"the drop must be a share above 0 and below 1, got {self.drop}")

    @property
    def false_alarm(self) -> float:
        """The false-alarm probability per line and day."""
        return 1 / self.days


@dataclass(frozen=True)
class Line:
    """A watched figure. `alarm` is None where the measurements do not support one, and `how` says why.

    `promised` and `tried` are shares of quiet days that ring: by the threshold's own arithmetic, and on TRIED_DAYS days
    redrawn from the log. Both are None without an alarm. What is promised is at most what was set, as a mean of a few
    labels cannot have every rate.
    """

    what: str
    normal: float | None  # None where nothing can be told of it
    alarm: float | None
    rings: str  # "above" or "below"
    unit: str
    how: str
    source: str
    badge: str  # of `normal`; the threshold is always modelled
    promised: float | None = None
    tried: float | None = None


def lines(evaluated: Evaluated, setting: Setting) -> tuple[Line, ...]:
    """Every line of the plan: service, then quality, then storage."""
    case, measured = evaluated.case, evaluated.measured
    return (
        _as_projected(_service(evaluated.sized, setting), evaluated),
        *_load(evaluated),
        *(_at_size(_quality(axis, measured, setting), evaluated, axis) for axis in watched(case, measured)),
        _shift(case.qualities[0], measured, setting),
        *(_as_projected(line, evaluated) for line in _stored(evaluated.sized, evaluated.scenario)),
    )


def _as_projected(line: Line, evaluated: Evaluated) -> Line:
    """The line with the badge of figures that are of another size than the measured one."""
    return replace(line, badge="projected") if evaluated.projected.grown and line.badge == "measured" else line


def _at_size(line: Line, evaluated: Evaluated, axis: QualityAxis) -> Line:
    """The line moved by what the size that was asked takes from the quality; its days stray as the measured ones do."""
    quality = evaluated.within_world.quality(axis.key)
    moved = quality.value - evaluated.measured.quality[axis.key].value
    if not moved:
        return line
    alarm = None if line.alarm is None else line.alarm + moved
    return replace(line, normal=quality.value, alarm=alarm, badge="projected")


def _load(evaluated: Evaluated) -> tuple[Line, Line]:
    assessment, scenario = evaluated.assessment, evaluated.scenario
    load, bound_ms = FIGURES["load_p99_ms"], scenario.requirements.p99_ms
    limit, how = scenario.prices.target_utilisation, "the share the fleet was sized for"
    busy, most = 100 * assessment.utilisation, 100 * limit.value
    return (
        _limit(load.label, load.read(evaluated), bound_ms, load.unit, "what was asked", ASKED, load.badge),
        _limit("how busy replicas are", busy, most, "%", how, limit.source, "modelled"),
    )


def _limit(what: str, normal: float, limit: float, unit: str, how: str, source: str, badge: str) -> Line:
    """A limit on a figure that does not stray; without an alarm where every quiet day is beyond it."""
    if normal <= limit:
        return Line(what, normal, limit, "above", unit, how, source, badge, promised=0.0, tried=0.0)
    told = f"would ring every day, as {count_text(limit)} {unit} is {how}"
    return Line(what, normal, None, "above", unit, told, source, badge)


def _checked(line: Line, promised: float, tried: float) -> Line:
    """The line with its rates; without its alarm where the quiet days ring more or less often than promised."""
    error = (promised * (1 - promised) / TRIED_DAYS) ** 0.5
    if abs(tried - promised) <= STANDARD_ERRORS * error + 1 / TRIED_DAYS:
        return replace(line, promised=promised, tried=tried)
    how = f"rings on {tried:.2%} of {TRIED_DAYS:,} quiet days and not on {promised:.2%} as promised"
    return replace(line, alarm=None, how=how)


def labels_of(axis: QualityAxis, measured: Measurement) -> np.ndarray:
    """The values of single labelled requests (n,) of a quality; NotEnoughSamples where it has none or all are alike."""
    if not axis.per_request:
        raise NotEnoughSamples(
            f"{axis.label} cannot be told from single labels: a value behind it is of one {axis.value_of}, "
            "not of any labelled request"
        )
    return varied(measured.quality[axis.key].per_query)


def watched(case: Case, measured: Measurement) -> tuple[QualityAxis, ...]:
    """The first quality, and the guardrail if it is a quality."""
    guardrail = case.interview.guardrail if case.interview else ""
    keys = (case.qualities[0].key, guardrail)
    return tuple(axis for axis in case.qualities if axis.key in keys and axis.key in measured.quality)


def _service(measured: Measurement, setting: Setting) -> Line:
    what, source = f"p99 service time of {WINDOW:,} requests", "David & Nagaraja 2003, section 2.1"
    normal = measured.percentiles_ms["p99"].value
    times, a_look = measured.service_ms, 1 - (1 - setting.false_alarm) ** (1 / LOOKS_A_DAY)
    try:
        alarm = percentile_alarm(times, WINDOW, a_look)
    except NotEnoughSamples as error:
        return Line(what, normal, None, "above", "ms", str(error), source, "measured")
    how = f"bootstrap of the measured times, {LOOKS_A_DAY} looks a day share the false alarms; {alarm.beyond} of "
    how += f"{len(times):,} measured times lie beyond"
    tried = quiet_looks(times, WINDOW, QUANTILE, LOOKS_A_DAY, TRIED_DAYS, TRIED) > alarm.value
    line = Line(what, normal, alarm.value, "above", "ms", how, source, "measured")
    return _checked(line, 1 - (1 - alarm.false_alarm) ** LOOKS_A_DAY, float(tried.mean()))


def _quality(axis: QualityAxis, measured: Measurement, setting: Setting) -> Line:
    what, normal = f"{axis.label} of a day's labels", measured.quality[axis.key].value
    side, source = "below" if axis.better == "higher" else "above", "Shewhart chart; Efron 1979, section 3"
    try:
        labels = labels_of(axis, measured)
        alarm = mean_alarm(labels, setting.daily, setting.false_alarm, axis.better)
    except NotEnoughSamples as error:
        return Line(what, normal, None, side, "", str(error), source, axis.badge)
    days = quiet_days(labels, setting.daily, TRIED_DAYS, TRIED)
    tried = days < alarm.value if side == "below" else days > alarm.value
    how = f"bootstrap of the mean of {setting.daily:,} of the log's {len(labels):,} labels"
    line = Line(what, normal, alarm.value, side, "", how, source, axis.badge)
    return _checked(line, alarm.false_alarm, float(tried.mean()))


def _shift(axis: QualityAxis, measured: Measurement, setting: Setting) -> Line:
    what, source = f"population stability index of {axis.label}", "Siddiqi 2006; Efron 1979, section 3"
    try:
        alarm = daily_threshold(labels_of(axis, measured), setting.daily, setting.false_alarm, SET)
    except NotEnoughSamples as error:
        return Line(what, None, None, "above", "", str(error), source, "modelled")
    days = quiet_psi(alarm.counts, setting.daily, TRIED_DAYS, TRIED)
    how = f"bootstrap of {setting.daily:,} of the log's labels in {len(alarm.counts)} bins"
    line = Line(what, float(days.mean()), alarm.value, "above", "", how, source, "modelled")
    return _checked(line, alarm.false_alarm, float((days > alarm.value).mean()))


def _stored(measured: Measurement, scenario: Scenario) -> tuple[Line, ...]:
    memory, headroom, requirements = FIGURES["memory_mb"], scenario.prices.headroom, scenario.requirements
    megabytes, how = measured.memory_bytes / 1e6, "the room that was paid for"
    most = megabytes * headroom.value
    room = _limit(memory.label, megabytes, most, memory.unit, how, headroom.source, memory.badge)
    if not measured.refresh_every_h or requirements.freshness_h is None:
        return (room,)
    ages_h, how = (measured.refresh_every_h, requirements.freshness_h), "what was asked; rings when a refresh fails"
    return (room, _limit("age of stored results", *ages_h, "h", how, requirements.source, "modelled"))


def canaries(evaluated: Evaluated, setting: Setting, labelled: float) -> tuple[Canary, ...]:
    """A canary for each of SHARES at the mean rate; empty without requests or a drop.

    NotEnoughSamples where single labels cannot tell of the first quality.
    """
    labels = labels_of(evaluated.case.qualities[0], evaluated.measured)
    rate = evaluated.scenario.requirements.requests_a_day / 86_400
    drop = setting.drop * abs(float(labels.mean()))
    if not rate or not drop:
        return ()
    plan = (drop, rate, labelled, setting.false_alarm, POWER, REACT_H)
    return tuple(canary(labels, share, *plan) for share in SHARES)


def as_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines as plain values: a threshold, or null and the reason; a figure that is not finite is null."""
    return [
        {
            "what": line.what,
            "normal": _plain(line.normal),
            "threshold": _plain(line.alarm),
            "reason": line.how if line.alarm is None else None,
            "rings": line.rings,
            "unit": line.unit,
            "how": line.how,
            "source": line.source,
            "badge": line.badge,
            "promised": line.promised,
            "tried": line.tried,
        }
        for line in lines
    ]


def _plain(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else float(value)
