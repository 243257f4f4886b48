"""The monitoring plan of a measured design: what is watched, what is normal, and when it rings."""

from __future__ import annotations

from dataclasses import dataclass

from core.contract.case import Case, Measurement, QualityAxis, Requirements
from core.metrics import NotEnoughSamples
from core.monitoring.alarms import Canary, canary, mean_alarm, percentile_alarm
from core.monitoring.drift import BINS, edges_of, psi_threshold
from core.serving.cost import Assessment
from core.serving.prices import Prices

WINDOW = 10_000  # requests that a p99 is taken over: a hundred of them lie beyond it
LOOKS_A_DAY = 288  # every five minutes
SHARES = (0.001, 0.01, 0.05, 0.1, 0.5)
POWER = 0.9
ASKED = "the requirements of this page"
REACT_H = 0.25  # from the alarm to the roll-back; illustrative


@dataclass(frozen=True)
class Setting:
    """What the visitor asks of the monitoring."""

    daily: int  # requests that get a label a day
    days: int  # between two false alarms of one line
    drop: float  # of the first quality that must be seen, as a share of its present value

    @property
    def false_alarm(self) -> float:
        """Of one line on one day."""
        return 1 / self.days


@dataclass(frozen=True)
class Line:
    """One thing to watch. `alarm` is None where these measurements cannot say, and `how` says why."""

    what: str
    normal: float
    alarm: float | None
    rings: str  # "above" or "below"
    unit: str
    how: str
    source: str
    badge: str  # of `normal`; the threshold is always modelled


def lines(
    case: Case, measured: Measurement, assessed: Assessment, needs: Requirements, prices: Prices, asked: Setting
) -> tuple[Line, ...]:
    """Every line of the plan, service first, then quality, then what is stored."""
    return (
        _service(measured, asked),
        Line("p99 at the load", assessed.p99_ms, needs.p99_ms, "above", "ms", "what was asked", ASKED, "modelled"),
        Line(
            "how busy replicas are",
            100 * assessed.utilisation,
            100 * prices.target_utilisation.value,
            "above",
            "%",
            "the share the fleet was sized for",
            prices.target_utilisation.source,
            "modelled",
        ),
        *(_quality(axis, measured, asked) for axis in watched(case, measured)),
        _shift(case.qualities[0], measured, asked),
        *_stored(measured, needs, prices),
    )


def watched(case: Case, measured: Measurement) -> tuple[QualityAxis, ...]:
    """The first quality, and the guardrail where it is a quality too."""
    guardrail = case.interview.guardrail if case.interview else ""
    keys = (case.qualities[0].key, guardrail)
    return tuple(axis for axis in case.qualities if axis.key in keys and axis.key in measured.quality)


def _service(measured: Measurement, asked: Setting) -> Line:
    what, source = f"p99 service time of {WINDOW:,} requests", "David & Nagaraja 2003, section 2.1"
    normal = measured.percentiles_ms["p99"].value
    try:
        found = percentile_alarm(measured.service_ms, WINDOW, asked.false_alarm / LOOKS_A_DAY)
    except NotEnoughSamples as error:
        return Line(what, normal, None, "above", "ms", str(error), source, "measured")
    how = f"bootstrap of the measured times, {LOOKS_A_DAY} looks a day share the false alarms; {found.beyond} of "
    how += f"{len(measured.service_ms):,} measured times lie beyond"
    return Line(what, normal, found.value, "above", "ms", how, source, "measured")


def _quality(axis: QualityAxis, measured: Measurement, asked: Setting) -> Line:
    found = measured.quality[axis.key]
    alarm = mean_alarm(found.per_query, asked.daily, asked.false_alarm, axis.better)
    side = "below" if axis.better == "higher" else "above"
    how = f"mean {'−' if side == 'below' else '+'} z·s/√{asked.daily:,}, s = {found.per_query.std(ddof=1):.3f} a query"
    source = "Shewhart chart; Montgomery, Statistical Quality Control, section 6.2"
    return Line(f"{axis.label} of a day's labels", found.value, alarm, side, "", how, source, axis.badge)


def _shift(axis: QualityAxis, measured: Measurement, asked: Setting) -> Line:
    per_query = measured.quality[axis.key].per_query
    bins = len(edges_of(per_query)) + 1
    alarm = psi_threshold(len(per_query), asked.daily, bins, asked.false_alarm)
    normal = max(1, bins - 1) * (1 / len(per_query) + 1 / asked.daily)
    how = f"χ²({max(1, bins - 1)})·(1/{len(per_query):,} + 1/{asked.daily:,}); {bins} of {BINS} bins, as values tie"
    source = "Yurdakul & Naranjo 2020"
    return Line(f"population stability index of {axis.label}", normal, alarm, "above", "", how, source, "modelled")


def _stored(measured: Measurement, needs: Requirements, prices: Prices) -> tuple[Line, ...]:
    megabytes = measured.memory_bytes / 1e6
    room = Line(
        "memory of a replica",
        megabytes,
        megabytes * prices.headroom.value,
        "above",
        "MB",
        "the room that was paid for",
        prices.headroom.source,
        "measured",
    )
    if not measured.refresh_every_h or needs.freshness_h is None:
        return (room,)
    how = "what was asked; rings when a refresh fails"
    aged = Line(
        "age of stored results",
        measured.refresh_every_h,
        needs.freshness_h,
        "above",
        "h",
        how,
        needs.source,
        "modelled",
    )
    return (room, aged)


def canaries(
    case: Case, measured: Measurement, needs: Requirements, asked: Setting, labelled: float
) -> tuple[Canary, ...]:
    """A canary of each of SHARES at the mean rate; none when nobody asks or nothing varies from query to query."""
    found = measured.quality[case.qualities[0].key]
    rate = needs.requests_a_day / 86_400
    drop = asked.drop * abs(found.value)
    if not rate or not drop or not found.per_query.std():
        return ()
    given = (drop, rate, labelled, asked.false_alarm, POWER, REACT_H)
    return tuple(canary(found.per_query, share, *given) for share in SHARES)
