"""The table of headline figures: name, unit, how to read each from a design, and how to tell two values apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.charts import Axis, Line
from core.contract.case import Case, QualityAxis
from core.formatting import figure_text
from core.metrics import Better
from core.serving.evaluate import Evaluated
from core.serving.scenario import Scenario
from core.serving.slo import NOT_JUDGED, TOO_NOISY, too_noisy

JUST_NOISE = 0.15  # relative; two runs of one design differ by as much in service time


def _nowhere(evaluated: Evaluated) -> bool:
    return False


def _too_noisy(evaluated: Evaluated) -> bool:
    return too_noisy(evaluated.measured)


def _no_interval(evaluated: Evaluated) -> None:
    return None


def _nothing(evaluated: Evaluated) -> str:
    return ""


def _shards(evaluated: Evaluated) -> str:
    shards = evaluated.sized.shards
    return f"over {shards:,} shards" if shards > 1 else ""


def _other_size(evaluated: Evaluated) -> bool:
    return evaluated.projected.grown


def _other_time(evaluated: Evaluated) -> bool:
    return evaluated.projected.retimed


@dataclass(frozen=True)
class Figure:
    """A figure of an evaluated design; `noise` is the relative difference between two runs of one design."""

    key: str
    label: str
    unit: str
    read: Callable[[Evaluated], float]
    better: Better = "lower"
    badge: str = "measured"
    modelled_where: Callable[[Evaluated], bool] = _nowhere
    projected_where: Callable[[Evaluated], bool] = _nowhere  # the value is then of another size than the measured one
    noise: float = 0.0
    noisy_where: Callable[[Evaluated], bool] = _nowhere  # the value is then not displayed
    interval: Callable[[Evaluated], tuple[float, float] | None] = _no_interval
    covers: Callable[[Evaluated], str] = _nothing  # what the interval is over, in a line
    note: Callable[[Evaluated], str] = _nothing  # what a reader has to know beside the value
    help: str = ""
    log: bool = True
    quality: QualityAxis | None = None  # None for times, memory and costs

    @property
    def axis(self) -> Axis:
        """The figure as an axis of a chart."""
        return Axis(self.key, self.label, self.unit, self.better, self.log)

    def badge_of(self, *evaluated: Evaluated) -> str:
        """ "measured", "modelled" or "projected", over all of these designs."""
        if any(map(self.projected_where, evaluated)):
            return "projected"
        return "modelled" if any(map(self.modelled_where, evaluated)) else self.badge

    def text(self, evaluated: Evaluated) -> str:
        """The figure of a design as displayed."""
        return TOO_NOISY if self.noisy_where(evaluated) else figure_text(self.read(evaluated), self.unit)

    def interval_text(self, evaluated: Evaluated) -> str:
        """The 95 % interval as displayed; empty without one."""
        ends = self.interval(evaluated)
        return "" if ends is None else " to ".join(figure_text(end, self.unit) for end in ends)


def _percentile(name: str) -> Figure:
    def interval(evaluated: Evaluated) -> tuple[float, float]:
        percentile, (least, most) = evaluated.sized.percentiles_ms[name], evaluated.projected.p99
        return percentile.low * least, percentile.high * most

    return Figure(
        f"{name}_ms",
        f"{name} service time",
        "ms",
        lambda evaluated: evaluated.sized.percentiles_ms[name].value,
        projected_where=_other_time,
        noise=JUST_NOISE,
        interval=interval,
    )


FIGURES = {
    figure.key: figure
    for figure in (
        _percentile("p99"),
        _percentile("p95"),
        _percentile("p50"),
        Figure("load_p99_ms", "p99 under load", "ms", lambda e: e.assessment.p99_ms, badge="modelled",
               projected_where=_other_time, noise=JUST_NOISE, noisy_where=_too_noisy,
               help="Open-loop queue over the measured times."),
        Figure("goodput", "goodput", "", lambda e: e.fleet.goodput, "higher", badge="modelled", noise=0.01,
               projected_where=_other_time, noisy_where=_too_noisy, log=False,
               help="Share of requests within the p99 bound at the peak."),
        Figure("usd", "cost per month", "$/month", lambda e: e.assessment.total_usd, badge="modelled", noise=0.05,
               projected_where=_other_size, noisy_where=_too_noisy),
        Figure("machines_usd", "cost of machines", "$/month", lambda e: e.assessment.machines_usd, badge="modelled",
               projected_where=_other_size, noisy_where=_too_noisy),
        Figure("people_usd", "cost of people", "$/month", lambda e: e.assessment.people_usd, badge="modelled",
               help="Those who read, decide and recover."),
        Figure("harm_usd", "cost of harm", "$/month", lambda e: e.assessment.harm_usd, badge="modelled",
               interval=lambda e: e.assessment.harm_between, help="Wrong decisions, and harm that nobody stopped."),
        Figure("usd_per_million", "cost per 1M requests", "$ per 1M", lambda e: e.assessment.usd_per_million,
               badge="modelled", projected_where=_other_size, noisy_where=_too_noisy),
        Figure("memory_mb", "memory per replica", "MB", lambda e: e.sized.memory_bytes / 1e6,
               projected_where=_other_size, note=_shards),
        Figure("memory_bytes", "memory per replica", "B", lambda e: e.sized.memory_bytes, projected_where=_other_size),
        Figure("build_s", "build time", "CPU s", lambda e: e.sized.build_s, noise=JUST_NOISE,
               modelled_where=lambda e: bool(e.measured.shipped_s), projected_where=_other_size,
               help="CPU seconds of one core, reused steps included."),
        Figure("index_build_s", "index build time", "CPU s", lambda e: e.measured.index_build_s, noise=JUST_NOISE,
               help="CPU seconds of one core for the index alone, as measured, its clustering included."),
        Figure("replicas", "replicas", "", lambda e: e.assessment.replicas, badge="modelled",
               projected_where=_other_size, noisy_where=_too_noisy),
        Figure("cpu_ms", "CPU time per request", "ms", lambda e: e.sized.request_cpu_ms * e.sized.shards,
               projected_where=_other_time, noise=JUST_NOISE),
        Figure("clock_noise", "wall ÷ CPU while timing", "", lambda e: e.measured.noise),
    )
}  # fmt: skip

SPLIT = ("machines_usd", "people_usd", "harm_usd")  # of the cost, where people or harm are charged
CHARTED = (
    "p99_ms", "p50_ms", "load_p99_ms", "usd", "machines_usd", "usd_per_million", "memory_mb", "build_s", "index_build_s"
)  # fmt: skip
COMPARED = ("p99_ms", "p50_ms", "load_p99_ms", "usd", "memory_mb", "build_s")


def _quality(axis: QualityAxis) -> Figure:
    def interval(evaluated: Evaluated) -> tuple[float, float]:
        quality = evaluated.quality(axis.key)
        return quality.low, quality.high

    def carried(evaluated: Evaluated) -> bool:
        return evaluated.quality(axis.key).moved

    def covers(evaluated: Evaluated) -> str:
        return evaluated.quality(axis.key).covers

    return Figure(
        axis.key,
        axis.label,
        "",
        lambda evaluated: evaluated.quality(axis.key).value,
        axis.better,
        axis.badge,
        projected_where=carried,
        note=lambda evaluated: "" if evaluated.quality(axis.key).judged else NOT_JUDGED,
        interval=interval,
        covers=covers,
        help=axis.help,
        log=False,
        quality=axis,
    )


def quality_figures(case: Case, *evaluated: Evaluated) -> dict[str, Figure]:
    """The qualities of the case that all of these designs report."""
    return {q.key: _quality(q) for q in case.qualities if all(q.key in e.measured.quality for e in evaluated)}


def first_quality_of(evaluated: Evaluated) -> Figure:
    """The first quality of the case, whether or not the design reports it."""
    return _quality(evaluated.case.qualities[0])


def cost_figures(scenario: Scenario, indexed: bool) -> dict[str, Figure]:
    """The axes to draw quality against: machine cost where people or errors are charged too, an index where one is."""
    shown = {"machines_usd": bool(scenario.requirements.charges), "index_build_s": indexed}
    return {key: FIGURES[key] for key in CHARTED if shown.get(key, True)}


def figures_of(case: Case, *evaluated: Evaluated) -> dict[str, Figure]:
    """Every figure that all of these designs have, qualities first."""
    return quality_figures(case, *evaluated) | FIGURES


def requirement_lines(case: Case, scenario: Scenario, x: Axis, y: Axis) -> list[Line]:
    """The requirements on the figures of the two axes, as lines of a chart."""
    requirements = scenario.requirements
    limits = {
        "load_p99_ms": (requirements.p99_ms, "SLO p99"),
        "usd": (requirements.budget_usd, "budget"),
        case.qualities[0].key: (requirements.quality_floor, "SLO"),
    }
    lines = [(side, *limits.get(axis.column, (None, ""))) for side, axis in (("x", x), ("y", y))]
    return [Line(value, side, label) for side, value, label in lines if value is not None]
