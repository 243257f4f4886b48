"""The monitoring plan of a measured design: the watched figures, their normal values and their thresholds."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis.figures import FIGURES
from core.contract.case import Case, Measurement, QualityAxis
from core.metrics import NotEnoughSamples
from core.monitoring.alarms import Canary, canary, mean_alarm, percentile_alarm
from core.monitoring.drift import BINS, edges_of, psi_threshold
from core.serving.evaluate import Evaluated
from core.serving.scenario import Scenario

WINDOW = 10_000  # requests that a p99 is taken over: a hundred of them lie beyond it
LOOKS_A_DAY = 288  # every five minutes
SHARES = (0.001, 0.01, 0.05, 0.1, 0.5)
POWER = 0.9
ASKED = "the requirements of this page"
REACT_H = 0.25  # from the alarm to the roll-back; illustrative


@dataclass(frozen=True)
class Setting:
    """The visitor's monitoring settings."""

    daily: int  # requests that get a label a day
    days: int  # between two false alarms of one line
    drop: float  # of the first quality that must be seen, as a share of its present value

    @property
    def false_alarm(self) -> float:
        """The false-alarm probability per line and day."""
        return 1 / self.days


@dataclass(frozen=True)
class Line:
    """A watched figure. `alarm` is None where the measurements do not support one, and `how` says why."""

    what: str
    normal: float
    alarm: float | None
    rings: str  # "above" or "below"
    unit: str
    how: str
    source: str
    badge: str  # of `normal`; the threshold is always modelled


def lines(evaluated: Evaluated, setting: Setting) -> tuple[Line, ...]:
    """Every line of the plan: service, then quality, then storage."""
    case, measured = evaluated.case, evaluated.measured
    return (
        _service(measured, setting),
        *_load(evaluated),
        *(_quality(axis, measured, setting) for axis in watched(case, measured)),
        _shift(case.qualities[0], measured, setting),
        *_stored(measured, evaluated.scenario),
    )


def _load(evaluated: Evaluated) -> tuple[Line, Line]:
    assessment, scenario = evaluated.assessment, evaluated.scenario
    load, bound_ms = FIGURES["load_p99_ms"], scenario.requirements.p99_ms
    limit, how = scenario.prices.target_utilisation, "the share the fleet was sized for"
    busy, most = 100 * assessment.utilisation, 100 * limit.value
    return (
        Line(load.label, load.read(evaluated), bound_ms, "above", load.unit, "what was asked", ASKED, load.badge),
        Line("how busy replicas are", busy, most, "above", "%", how, limit.source, "modelled"),
    )


def watched(case: Case, measured: Measurement) -> tuple[QualityAxis, ...]:
    """The first quality, and the guardrail if it is a quality."""
    guardrail = case.interview.guardrail if case.interview else ""
    keys = (case.qualities[0].key, guardrail)
    return tuple(axis for axis in case.qualities if axis.key in keys and axis.key in measured.quality)


def _service(measured: Measurement, setting: Setting) -> Line:
    what, source = f"p99 service time of {WINDOW:,} requests", "David & Nagaraja 2003, section 2.1"
    normal = measured.percentiles_ms["p99"].value
    try:
        alarm = percentile_alarm(measured.service_ms, WINDOW, setting.false_alarm / LOOKS_A_DAY)
    except NotEnoughSamples as error:
        return Line(what, normal, None, "above", "ms", str(error), source, "measured")
    how = f"bootstrap of the measured times, {LOOKS_A_DAY} looks a day share the false alarms; {alarm.beyond} of "
    how += f"{len(measured.service_ms):,} measured times lie beyond"
    return Line(what, normal, alarm.value, "above", "ms", how, source, "measured")


def _quality(axis: QualityAxis, measured: Measurement, setting: Setting) -> Line:
    estimate = measured.quality[axis.key]
    alarm = mean_alarm(estimate.per_query, setting.daily, setting.false_alarm, axis.better)
    side = "below" if axis.better == "higher" else "above"
    sign, deviation = "−" if side == "below" else "+", estimate.per_query.std(ddof=1)
    how = f"mean {sign} z·s/√{setting.daily:,}, s = {deviation:.3f} a query"
    source = "Shewhart chart; Montgomery, Statistical Quality Control, section 6.2"
    return Line(f"{axis.label} of a day's labels", estimate.value, alarm, side, "", how, source, axis.badge)


def _shift(axis: QualityAxis, measured: Measurement, setting: Setting) -> Line:
    per_query = measured.quality[axis.key].per_query
    bins = len(edges_of(per_query)) + 1
    alarm = psi_threshold(len(per_query), setting.daily, bins, setting.false_alarm)
    normal = max(1, bins - 1) * (1 / len(per_query) + 1 / setting.daily)
    how = f"χ²({max(1, bins - 1)})·(1/{len(per_query):,} + 1/{setting.daily:,}); {bins} of {BINS} bins, as values tie"
    source = "Yurdakul & Naranjo 2020"
    return Line(f"population stability index of {axis.label}", normal, alarm, "above", "", how, source, "modelled")


def _stored(measured: Measurement, scenario: Scenario) -> tuple[Line, ...]:
    memory, headroom, requirements = FIGURES["memory_mb"], scenario.prices.headroom, scenario.requirements
    megabytes, how = measured.memory_bytes / 1e6, "the room that was paid for"
    most = megabytes * headroom.value
    room = Line(memory.label, megabytes, most, "above", memory.unit, how, headroom.source, memory.badge)
    if not measured.refresh_every_h or requirements.freshness_h is None:
        return (room,)
    ages_h, how = (measured.refresh_every_h, requirements.freshness_h), "what was asked; rings when a refresh fails"
    return (room, Line("age of stored results", *ages_h, "above", "h", how, requirements.source, "modelled"))


def canaries(evaluated: Evaluated, setting: Setting, labelled: float) -> tuple[Canary, ...]:
    """A canary for each of SHARES at the mean rate; empty without requests or without variation."""
    quality = evaluated.measured.quality[evaluated.case.qualities[0].key]
    rate = evaluated.scenario.requirements.requests_a_day / 86_400
    drop = setting.drop * abs(quality.value)
    if not rate or not drop or not quality.per_query.std():
        return ()
    plan = (drop, rate, labelled, setting.false_alarm, POWER, REACT_H)
    return tuple(canary(quality.per_query, share, *plan) for share in SHARES)
