"""What a check works with: a lab that runs designs of one case under one seed, and the decorator that names a check.

    check = Checks(VisualSearch, run, stages)

    @check("V3", "DIR", "Short codes alone lose neighbours, sign bits most.")
    def codes_lose(lab: Lab) -> Verdict: ...

    CHECKS = check.all

A comparison is always `compare(key, base, candidate)`, and its sign is candidate − base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import numpy as np

from core.contract.case import SEED, Estimate, Measurement, estimate, paired_change
from core.contract.check import KINDS, Check, Verdict
from core.contract.design import Design as AnyDesign  # a lab and a case have a field `Design`
from core.contract.design import canonical, knobs
from core.contract.missing_package import told
from core.metrics import PairedDifference, mean_difference, paired_difference
from core.runtime.memo import Step

SEEDS = tuple(range(5))  # the worlds over which a finding is told


@dataclass(frozen=True)
class Lab:
    """Designs of one case, run under one seed. Nothing is timed where a stage or a quality is all that is needed."""

    Design: type
    pipeline: Callable[..., Measurement]  # run(design, seed)
    pipeline_stages: Callable[..., Mapping[str, Step]] | None
    seed: int = SEED

    @property
    def default(self) -> AnyDesign:
        """The design that the case's page opens with."""
        return self.Design()

    def at(self, seed: int) -> Lab:
        """The same lab under another seed."""
        return replace(self, seed=seed)

    def run(self, design: AnyDesign) -> Measurement:
        """One design measured, clocks included."""
        return told(self.pipeline)(canonical(design), seed=self.seed)

    def stages(self, design: AnyDesign) -> Mapping[str, Step]:
        """Every stage of a design by name, lazy. ValueError where the case names no stages."""
        if self.pipeline_stages is None:
            raise ValueError("this case has no stages to look into")
        return self.pipeline_stages(canonical(design), self.seed)

    def stage(self, name: str, design: AnyDesign) -> Any:
        """What one stage of a design hands on."""
        return self.stages(design)[name].value

    def estimate(self, key: str, design: AnyDesign) -> Estimate:
        """One quality with its interval and the value of every query."""
        if self.pipeline_stages is not None:
            graded = self.stages(design).get("quality")
            if graded is not None and key in graded.value:
                return graded.value[key]
        return self.run(design).quality[key]

    def per_query(self, key: str, design: AnyDesign) -> np.ndarray:
        """One quality of every query (n_queries,)."""
        return self.estimate(key, design).per_query

    def value(self, key: str, design: AnyDesign) -> float:
        """One quality's mean."""
        return self.estimate(key, design).value

    def compare(
        self, key: str, base: AnyDesign, candidate: AnyDesign, where: np.ndarray | slice = slice(None)
    ) -> PairedDifference:
        """Candidate − base by the paired test over the same queries, or over those of them that `where` selects."""
        return paired_change(*self._pair(key, base, candidate), self.seed, where)

    def _pair(self, key: str, base: AnyDesign, candidate: AnyDesign) -> tuple[Estimate, Estimate]:
        """Both designs' quality. ValueError where they are not of the same units."""
        before, after = (self.estimate(key, design) for design in (base, candidate))
        if not before.pairs_with(after):
            raise ValueError(f"{key} has no pairs: {before.unit} and {after.unit} are not the same ones")
        return before, after

    def compare_pooled(
        self, key: str, base: AnyDesign, candidate: AnyDesign, n_worlds: int = 3, same_queries: bool = False
    ) -> PairedDifference:
        """The same over the queries of several seeds, this lab's first: one training's noise can pass for a gain.

        With `same_queries` the seeds only train anew, so a query is one unit with its mean over the seeds.
        """
        worlds = [self.at(self.seed + i)._pair(key, base, candidate) for i in range(n_worlds)]
        sides = zip(*((before.per_query, after.per_query) for before, after in worlds), strict=True)
        before, after = (np.mean(side, axis=0) if same_queries else np.concatenate(side) for side in sides)
        clusters = [before.clusters for before, _ in worlds]
        if same_queries or clusters[0] is None:
            return paired_difference(after, before, self.seed, clusters[0])
        apart = 1 + max(int(units.max()) for units in clusters)  # a world's own units
        units = np.concatenate([apart * world + units for world, units in enumerate(clusters)])
        return paired_difference(after, before, self.seed, units)

    def compare_worlds(self, key: str, base: AnyDesign, candidate: AnyDesign) -> PairedDifference:
        """Candidate − base with a seed of SEEDS as the unit: what differs between worlds, whatever this lab's seed."""
        pairs = [self.at(seed)._pair(key, base, candidate) for seed in SEEDS]
        return mean_difference([float((after.per_query - before.per_query).mean()) for before, after in pairs])


class Checks:
    """The checks of one case in the order in which they are written down."""

    def __init__(
        self,
        Design: type,
        pipeline: Callable[..., Measurement],
        stages: Callable[..., Mapping[str, Step]] | None = None,
    ) -> None:
        self.lab = Lab(Design, pipeline, stages)
        self._all: list[Check] = []

    @property
    def all(self) -> tuple[Check, ...]:
        """Every check named so far."""
        return tuple(self._all)

    def __call__(
        self, id: str, kind: str, sentence: str, known_failure: str = ""
    ) -> Callable[[Callable[[Lab], Verdict]], Callable[[Lab], Verdict]]:
        """Name the function below as a check. ValueError for an unknown kind or an id that is taken."""
        if kind not in KINDS:
            raise ValueError(f"check {id}: a kind is one of {', '.join(KINDS)}, not {kind!r}")
        if id in (check.id for check in self._all):
            raise ValueError(f"check {id}: there is another one of this name")

        def named(test: Callable[[Lab], Verdict]) -> Callable[[Lab], Verdict]:
            check = Check(id, sentence, kind, lambda seed: test(self.lab.at(seed)), known_failure, test, self.lab)
            self._all.append(check)
            return test

        return named


def difference_text(difference: PairedDifference, digits: int = 3) -> str:
    """A paired difference with its interval, as “+0.012 (+0.004 to +0.020)”."""
    mean, low, high = (f"{value:+.{digits}f}" for value in (difference.mean, difference.low, difference.high))
    return f"{mean} ({low} to {high})"


def about_equal(difference: PairedDifference, within: float) -> bool:
    """Not distinguishable, or surely within the margin."""
    return not difference.distinguishable or max(-difference.low, difference.high) <= within


def rising(values: Sequence[float], slack: float = 0.0) -> bool:
    """True when no value lies below the one before it by more than the slack."""
    return bool((np.diff(values) >= -slack).all())


# Broken worlds: each empirical check has to fail in one of them at least, else it could not have failed here either.


@dataclass(frozen=True)
class InertLab(Lab):
    """A world in which no knob does anything: every design, data dials included, behaves as the default."""

    def run(self, design: AnyDesign) -> Measurement:
        """The default's measurement."""
        return super().run(self._inert(design))

    def stages(self, design: AnyDesign) -> Mapping[str, Step]:
        """The default's stages."""
        return super().stages(self._inert(design))

    def _inert(self, design: AnyDesign) -> AnyDesign:
        return self.default


@dataclass(frozen=True)
class MirrorLab(Lab):
    """A world in which every knob works the other way round: its first option does what its last one does."""

    def run(self, design: AnyDesign) -> Measurement:
        """The mirrored design's measurement."""
        return super().run(mirrored(design))

    def stages(self, design: AnyDesign) -> Mapping[str, Step]:
        """The mirrored design's stages."""
        return super().stages(mirrored(design))


@dataclass(frozen=True)
class NoisyLab(Lab):
    """A world in which every quality, count and time is luck, and two designs have nothing in common."""

    draw: int = 0

    def estimate(self, key: str, design: AnyDesign) -> Estimate:
        """Random values where the design's own stood, the same ones whenever it is asked for."""
        return noisy(super().estimate(key, design), f"{key} {self._salt(design)}")

    def run(self, design: AnyDesign) -> Measurement:
        """The measurement with luck for its qualities, counts and bytes."""
        measured, salt = super().run(design), self._salt(design)
        luck = _dice(salt)
        return replace(
            measured,
            quality={key: noisy(value, f"{key} {salt}") for key, value in measured.quality.items()},
            counts={key: value * luck.lognormal(0, 2) for key, value in measured.counts.items()},
            parts_ms={key: value * luck.lognormal(0, 2) for key, value in measured.parts_ms.items()},
            batches_ms={key: value * luck.lognormal(0, 2) for key, value in measured.batches_ms.items()},
            memory_bytes=int(measured.memory_bytes * luck.lognormal(0, 2)),
        )

    def _salt(self, design: AnyDesign) -> str:
        return f"{canonical(design)} {self.seed} {self.draw}"


def broken_labs(lab: Lab, n_draws: int = 6) -> Iterator[Lab]:
    """The same lab in one broken world after another; what holds by luck in one draw fails in another."""
    same = (lab.Design, lab.pipeline, lab.pipeline_stages, lab.seed)
    yield from (InertLab(*same), MirrorLab(*same))
    yield from (NoisyLab(*same, draw) for draw in range(n_draws))


def mirrored(design: AnyDesign) -> AnyDesign:
    """The design with every knob at the option as far from the other end of its list."""
    turned = {
        name: knob.options[-1 - knob.options.index(getattr(design, name))] for name, knob in knobs(type(design)).items()
    }
    return canonical(replace(canonical(design), **turned))


def noisy(value: Estimate, salt: str) -> Estimate:
    """An estimate whose per-query values are drawn anew around a mean drawn anew."""
    luck = _dice(salt)
    spread = float(value.per_query.std()) or 1.0
    values = luck.normal(luck.normal(value.value, 3 * spread), spread, len(value.per_query))
    return estimate(values, unit=value.unit, units=value.units, clusters=value.clusters)


def _dice(salt: str) -> np.random.Generator:
    return np.random.default_rng(crc32(salt.encode()))
