"""Every quality's interval covers, and every paired test keeps its level, at each case's own sizes and clusters.

The default design's rows stand for the world. Whole units are drawn from them with replacement, so that photos of a
scene, queries of a title and exposures of a household come together as they do in the case. Figures that are no means
are worked out anew from the drawn rows. Nothing differs between two designs whose units change places at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.cases.ad_click.evaluate import metrics as ads
from core.cases.event_recommendation.evaluate.quality import chances_of
from core.cases.harmful_content.evaluate import quality as harm
from core.cases.news_feed.evaluate import heads
from core.cases.news_feed.model.heads import rows_scored
from core.cases.street_view_blurring import evaluate as street
from core.cases.street_view_blurring.model.boxes import true_boxes
from core.catalog import BY_SLUG, SLUGS
from core.contract.case import Estimate, estimate
from core.metrics import mean_interval, paired_difference
from core.metrics.calibration import miscalibration

pytestmark = pytest.mark.slow
MEANS, FIGURES = 500, 100  # draws
COVERS, REJECTS = (0.93, 0.97), (0.03, 0.07)
RECOMPUTED = ("auc", "ap", "ap50", "ap75", "recall_budget", "rare", "calibration", "stopped")


def stages(slug: str, **knobs: object) -> dict:
    """The stages of a case's default design."""
    case = BY_SLUG[slug]
    return case.checks[0].lab.stages(case.Design(**knobs))


def within(share: float, bounds: tuple[float, float], draws: int) -> bool:
    """Whether a share of draws lies within bounds, but for two standard errors of the simulation."""
    low, high = bounds
    below, above = (2 * (bound * (1 - bound) / draws) ** 0.5 for bound in bounds)
    return low - below <= share <= high + above


@dataclass(frozen=True)
class Units:
    """The rows of units, unit by unit: `order` (n,), where each begins and how many each has (g,)."""

    order: np.ndarray
    start: np.ndarray
    size: np.ndarray

    def drawn(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The rows of as many units drawn with replacement, and which of the drawn units each is of."""
        pick = rng.integers(0, len(self.size), len(self.size))
        clusters = np.repeat(np.arange(len(pick)), self.size[pick])
        first = np.cumsum(self.size[pick]) - self.size[pick]
        return self.order[self.start[pick][clusters] + np.arange(len(clusters)) - first[clusters]], clusters


def units_of(number: np.ndarray) -> Units:
    """The units that rows (n,) with these numbers are of."""
    size = np.unique(number, return_counts=True)[1]
    return Units(np.argsort(number, kind="stable"), np.cumsum(size) - size, size)


def is_mean(key: str, quality: Estimate) -> bool:
    return key.split()[0] not in RECOMPUTED and float(np.ptp(quality.per_query)) > 0


@pytest.mark.parametrize("slug", SLUGS)
def test_means_cover_and_equal_designs_are_not_told_apart(slug):
    for key, quality in stages(slug)["quality"].value.items():
        if not is_mean(key, quality):
            continue
        values, rng = quality.per_query, np.random.default_rng(0)
        alone = quality.clusters is None
        units = units_of(np.arange(len(values)) if alone else quality.clusters)
        covered, rejected = [], []
        for _ in range(MEANS):
            rows, number = units.drawn(rng)
            clusters = None if alone else number
            low, high = mean_interval(values[rows], clusters)
            covered.append(low - 1e-12 <= quality.value <= high + 1e-12)
            difference = (values[rows] - quality.value) * rng.choice([-1, 1], len(units.size))[number]
            rejected.append(paired_difference(difference, np.zeros(len(rows)), 0, clusters).distinguishable)
        assert within(np.mean(covered), COVERS, MEANS), (key, np.mean(covered))
        assert within(np.mean(rejected), REJECTS, MEANS), (key, np.mean(rejected))


# Figures that are worked out anew from drawn rows, by either of two scorers.


@dataclass(frozen=True)
class World:
    """The unit of each row, and figures of drawn rows (n,) given the unit and the scorer (n,), 0 or 1, of each."""

    units: np.ndarray
    figures: Callable[[np.ndarray, np.ndarray, np.ndarray], dict[str, Estimate]]
    never_too_rarely: tuple[str, ...] = ()  # errors so near to 0 that no interval of theirs ends above it


def jittered(scores: np.ndarray, size: float) -> np.ndarray:
    """Probabilities (2, ...) by two scorers: as they are, and with log odds moved by chance."""
    odds = np.log(scores.clip(1e-6, 1 - 1e-6) / (1 - scores.clip(1e-6, 1 - 1e-6)))
    moved = odds + np.random.default_rng(1).normal(0, size, scores.shape)
    return np.stack([scores, 1 / (1 + np.exp(-moved))])


def ad_click() -> World:
    s = stages("ad_click")
    log, rows = s["world"].value, s["rows"].value
    chances, clicked = jittered(np.asarray(s["served"].value, float), 0.5), rows.test_y

    def figures(drawn, households, scorer):
        made = SimpleNamespace(codes=households[:, None])
        test = SimpleNamespace(test=np.arange(len(drawn)), test_y=clicked[drawn], background=rows.background)
        takings = SimpleNamespace(earned=np.arange(4.0))
        graded = ads.grade(chances[scorer, drawn], made, test, takings)
        return {key: graded[key] for key in ("auc", "ap", "calibration")}

    return World(log.codes[rows.test, 0], figures)


def news_feed() -> World:
    s = stages("news_feed")
    test, scorer_ = s["logged"].value.test, s["scorer"].value
    done, actions = test.done, (0, 4)  # the most frequent action and the rarest
    chances = jittered(rows_scored(scorer_, test, with_place=True)[:, actions].astype(float), 0.5)

    def figures(drawn, readers, scorer):
        chance, came = chances[scorer, drawn], done[drawn][:, actions]
        aucs = {f"auc {i}": heads.area(chance[:, i], came[:, i] > 0, readers) for i in range(len(actions))}
        off, interval = miscalibration(chance, came, readers)
        return aucs | {"calibration": estimate(off, interval=interval)}

    return World(test.reader, figures, never_too_rarely=("calibration",))


def event_recommendation() -> World:
    s = stages("event_recommendation")
    lists, shelf, world = s["made"].value, s["from_shelf"].value, s["world"].value
    person = lists.candidates.person
    true = chances_of(shelf.open[lists.candidates.column][:, None], person, world)
    chances = jittered(s["ranker"].value.chances(lists.scores.astype(float), True), 0.3)

    def figures(drawn, persons, scorer):
        off, interval = miscalibration(chances[scorer, drawn][:, None], true[drawn], persons)
        return {"calibration": estimate(off, interval=interval)}

    return World(person, figures)


def harmful_content() -> World:
    s = stages("harmful_content", heads="shared")
    verdict, posts, crowd = (s[name].value for name in ("served", "posts", "crowd"))
    harmful, rare = posts.harmful[posts.test], posts.classes[posts.test, harm.RARE]
    share = harm.prevalence(harmful, crowd.weight)
    scores = jittered(np.argsort(np.argsort(verdict.rank)) / len(harmful), 0.5)

    def figures(drawn, copies, scorer):
        came = harmful[drawn]
        weight = np.where(came, share / came.mean(), (1 - share) / (1 - came.mean()))
        score = scores[scorer, drawn]
        return {
            "ap": harm.average_precision(score, came, copies, weight),
            "rare": harm.average_precision(score, rare[drawn], copies),
        }

    return World(s["copies"].value, figures)


def street_view() -> World:
    s = stages("street_view_blurring")
    served, photos = s["served"].value, s["photos"].value
    scores = jittered(served.score, 0.5)
    boxes, objects = ([np.flatnonzero(of == i) for i in range(len(photos.pixels))] for of in (served.of, photos.of))

    def figures(drawn, places, scorer):
        (box, box_of), (thing, thing_of) = (picked(rows, drawn) for rows in (boxes, objects))
        found = replace(
            served, of=box_of, kind=served.kind[box], box=served.box[box], score=scores[scorer[box_of], box]
        )
        taken = replace(
            photos, pixels=photos.pixels[drawn], of=thing_of, kind=photos.kind[thing], box=photos.box[thing],
            place=places,
        )  # fmt: skip
        truth = true_boxes(taken)
        hit = found.hits(truth, 0.5)
        reached = street.hit_scores(found, hit, len(truth))
        return {
            "ap50": street.average_precision_of(found, hit >= 0, truth, taken),
            "recall_budget": street.recall_at_budget(found, hit, reached, taken),
        }

    return World(photos.place, figures)


def picked(rows: list[np.ndarray], drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([rows[i] for i in drawn]), np.repeat(np.arange(len(drawn)), [len(rows[i]) for i in drawn])


@pytest.mark.parametrize("world", [ad_click, news_feed, event_recommendation, harmful_content, street_view])
def test_figures_of_drawn_rows_cover_and_equal_scorers_are_not_told_apart(world):
    world, rng = world(), np.random.default_rng(0)
    everything = np.arange(len(world.units))
    true = world.figures(everything, world.units, np.zeros(len(everything), int))
    units = units_of(world.units)
    covered, rejected = ({key: [] for key in true} for _ in range(2))
    for _ in range(FIGURES):
        rows, clusters = units.drawn(rng)
        of_first = world.figures(rows, clusters, np.zeros(len(rows), int))
        swapped = rng.integers(0, 2, len(units.size))[clusters]
        one, other = (world.figures(rows, clusters, scorer) for scorer in (swapped, 1 - swapped))
        for key in true:
            covered[key].append(of_first[key].low <= true[key].value <= of_first[key].high)
            a, b = one[key], other[key]
            rejected[key].append(paired_difference(a.per_query, b.per_query, 0, a.clusters).distinguishable)
    for key in true:
        bounds = (COVERS[0], 1.0) if key in world.never_too_rarely else COVERS
        assert within(np.mean(covered[key]), bounds, FIGURES), (key, np.mean(covered[key]))
        assert within(np.mean(rejected[key]), REJECTS, FIGURES), (key, np.mean(rejected[key]))


def test_harm_stopped_covers_though_a_few_posts_have_most_of_the_views():
    s = stages("harmful_content")
    posts, outcome, copies = (s[name].value for name in ("posts", "outcome", "copies"))
    harmful = posts.harmful[posts.test]
    share, severity, units = outcome.stopped[harmful], outcome.severity[harmful], copies[harmful]
    true, rng, covered = np.average(share, weights=severity), np.random.default_rng(0), []
    drawn_from = units_of(units)
    for _ in range(MEANS):
        rows, clusters = drawn_from.drawn(rng)
        views = rng.lognormal(0, 1.5, len(rows))
        made = harm.stopped(share[rows], views * severity[rows], clusters)
        covered.append(made.low <= true <= made.high)
    assert within(np.mean(covered), COVERS, MEANS), np.mean(covered)
