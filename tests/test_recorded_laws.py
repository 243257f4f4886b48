"""The laws that ship: constants given back, misses that unsupport them, and a recording that says the same again."""

import json
from dataclasses import replace
from math import exp, log

import numpy as np
import pytest

from core.cases import skeleton
from core.catalog import BY_SLUG, CASES
from core.contract.case import Estimate
from core.contract.scaling_spec import IndexPart, LawBasis, QualityGrowth, vector_index
from core.metrics import recall_at_k
from core.runtime.results import RESULTS
from core.scaling import Size, band_factor, project, record
from core.scaling.quality import scale
from core.scaling.record import effort_row, quality_row, record_laws
from core.scaling.recorded import FILE, MOST_MISSED, EffortLaw, QualityLaw, recorded_laws
from core.scaling.samples import clustered
from core.stages.index import INDEXES, build_index, exact_neighbours, search
from tests.cases_of_tests import few_or_all
from tests.factory import measurement

SIZES = (1_000, 2_000, 4_000, 8_000)


def effort_law(monkeypatch, needed):
    """The law of an index that needs these efforts at the four sizes, none of which is built."""
    monkeypatch.setattr(record, "_needed", lambda vectors, queries, kind, seed: needed[SIZES.index(len(vectors))])
    return EffortLaw(**effort_row("made", "hnsw", np.zeros((SIZES[-1], 2), np.float32), np.zeros((1, 2)), 0))


def test_by_hand_an_effort_that_doubles_with_four_times_the_items_has_the_exponent_one_half(monkeypatch):
    law = effort_law(monkeypatch, [3.0 * n**0.5 for n in SIZES])
    assert (law.exponent, law.held_out, law.largest) == (pytest.approx(0.5), pytest.approx(1.0), 8_000)
    assert law.supported


def test_an_effort_that_the_law_does_not_foresee_unsupports_it(monkeypatch):
    expected = [3.0 * n**0.5 for n in SIZES]
    assert effort_law(monkeypatch, [*expected[:3], 1.9 * expected[3]]).supported
    missed = effort_law(monkeypatch, [*expected[:3], 2.1 * expected[3]])
    assert not missed.supported and missed.held_out == pytest.approx(1 / 2.1, rel=1e-3)
    assert effort_law(monkeypatch, [64.0, 32.0, 16.0, 8.0]).exponent == 0  # never less than at fewer items


def quality_law(values, designs=("one",)):
    """The law of a quality with these values (by design) at an eighth, a quarter, a half and all of 8,000 items."""
    growth = QualityGrowth("made", like="all", at=None)
    of = {(design, times): values[i][j] for i, design in enumerate(designs) for j, times in enumerate(growth.times)}
    growth = replace(growth, at=lambda d, times, seed: Estimate(of[d, times], 0.0, 1.0, np.zeros(1)))
    return QualityLaw(**quality_row("made", growth, designs, (0,), 8_000))


def line(start, slope):
    """Qualities of a logit that changes by `slope` a decade."""
    return [1 / (1 + exp(-(start + slope * np.log10(n / SIZES[0])))) for n in SIZES]


def test_a_law_of_quality_gives_back_its_slope():
    law = quality_law([line(1.0, -0.5), line(0.2, -0.7)], ("one", "two"))
    assert law.slope == pytest.approx(-0.6, abs=1e-4) and law.held_out == pytest.approx(0, abs=1e-4)
    assert (law.low, law.high) == (pytest.approx(-0.7, abs=1e-4), pytest.approx(-0.5, abs=1e-4))
    assert law.sizes == SIZES and law.largest == 8_000 and law.supported
    assert law.values == pytest.approx(line(1.0, -0.5), abs=1e-6)


def test_a_quality_that_the_law_does_not_foresee_unsupports_it_and_a_bend_widens_its_slopes():
    values = line(1.0, -0.5)
    logit = log(values[3] / (1 - values[3]))
    for fall, supported in ((0.9 * MOST_MISSED, True), (1.1 * MOST_MISSED, False)):
        bent = quality_law([[*values[:3], 1 / (1 + exp(-(logit - fall)))]])
        assert bent.supported == supported and bent.held_out == pytest.approx(fall, abs=1e-4)
        assert bent.low == pytest.approx(-0.5 - fall / np.log10(2), abs=1e-3) and bent.high < -0.5


def test_recording_one_case_keeps_the_laws_of_others(tmp_path):
    file, told = tmp_path / "laws.json", []
    other = {"of": "other", "kind": "hnsw", "exponent": 0.5, "held_out": 1.0, "largest": 10}
    file.write_text(json.dumps({"work": [], "effort": [other], "quality": []}))
    toy = replace(skeleton.CASE, law_basis=LawBasis(designs=skeleton.CASE.law_basis.designs[:2]))
    record_laws([toy], every=False, tell=told.append, file=file)
    laws = recorded_laws(file)
    assert laws.recorded_on and laws.processor and len(told) == 4  # two designs, two seeds
    assert set(laws.effort) == {("other", "hnsw")} and set(laws.quality) == {("skeleton", "flat")}
    assert laws.quality["skeleton", "flat"].sizes == (162, 324, 648, 1_297)
    record_laws([toy], every=False, tell=told.append, file=file)
    assert recorded_laws(file).quality == laws.quality


# What ships.


def test_the_file_is_small_and_every_kind_is_in_it():
    laws = recorded_laws()
    assert FILE.stat().st_size < 300_000
    assert set(laws.work) == set(INDEXES)
    for kind, of in INDEXES.items():
        assert all(
            laws.index_law(kind, dim, effort)[0].time_us(10**6) > 0 for dim in (8, 100, 512) for effort in (1, 64)
        )
        assert of.effort_name is None or laws.effort_law("a case without vectors", kind) is not None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_default_and_baseline_have_a_law_or_need_none(case):
    laws = recorded_laws()
    for design in (case.Design(), case.baseline):
        growth = case.quality_growth(design)
        assert growth.at is None or (case.slug, growth.like) in laws.quality, design
    for design in case.law_basis.designs if case.law_basis else ():
        assert (case.slug, case.quality_growth(design).like) in laws.quality
    if case.law_basis and case.law_basis.vectors:
        assert all((case.slug, kind) in laws.effort for kind, of in INDEXES.items() if of.effort_name)


@pytest.mark.slow
@pytest.mark.parametrize("slug", ("people_you_may_know", "video_recommendation"))
def test_a_recorded_quality_is_what_the_case_says_again(slug):
    case = BY_SLUG[slug]
    design = case.law_basis.designs[0]
    growth = case.quality_growth(design)
    law = recorded_laws().quality[slug, growth.like]
    today = growth.at(design, growth.times[1], 0)
    # trees grown on another processor have moved an nDCG by 2e-3, far within what one draw of the data leaves open
    assert today.value == pytest.approx(law.values[1], abs=0.1 * (today.high - today.low))


@pytest.mark.slow
def test_visual_search_foresees_a_catalogue_of_20_000_from_up_to_10_000():
    design = BY_SLUG["visual_search"].law_basis.designs[0]  # grey photos, of which there are enough
    growth = BY_SLUG["visual_search"].quality_growth(design)
    law = recorded_laws().quality["visual_search", growth.like]
    assert law.sizes == (2_500, 5_000, 10_000, 20_000) and law.supported
    slope, start = np.polyfit(np.log10(law.sizes[:3]), [scale(value) for value in law.values[:3]], 1)
    real = growth.at(design, growth.times[3], 0)
    assert scale(real.value) == pytest.approx(start + slope * np.log10(20_000), abs=MOST_MISSED)
    assert real.value == pytest.approx(law.values[3], abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ("flat", "ivf_flat", "ivf_pq8", "sq8", "pq4"))
def test_memory_and_comparisons_of_a_really_built_index_of_160_000_are_foreseen_from_20_000(kind):
    small, large, dim, effort = 20_000, 160_000, 32, 8
    vectors = clustered(large + 40, dim, 0)
    indexes = [build_index(vectors[:n], kind=kind, seed=0) for n in (small, large)]
    other = 100_000  # bytes of what does not grow
    measured = measurement(service_ms=1.0, n_items=small, memory_bytes=indexes[0].nbytes + other)
    parts = (vector_index("index", small, kind=kind, dim=dim, effort=effort, part="search"),)
    laws = recorded_laws()
    law, _ = laws.index_law(kind, dim, effort)
    found = project(parts, measured, Size(large), lambda part, effort: (law, 0.0), lambda part, size: effort).measured
    assert found.memory_bytes == pytest.approx(indexes[1].nbytes + other, rel=0.25)
    counted = search(indexes[1], vectors[large:], k=10, effort=effort).n_distances.mean()
    assert 1 / band_factor(large, law.largest) <= law.distances(large) / counted <= band_factor(large, law.largest)


each_case = few_or_all(case for case in CASES if case.scaling_parts)


@each_case
def test_an_index_that_only_the_job_searches_is_held_by_no_replica(case):
    batch = replace(case.Design(), **case.precompute.batch)
    measured = RESULTS.measure(case, batch, 0)
    indexes = [part for part in case.scaling_parts(batch, measured) if isinstance(part, IndexPart)]
    assert all(part.in_job and not part.held for part in indexes)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ("ivf_flat", "hnsw"))
def test_the_effort_tuned_anew_keeps_the_recall_over_eight_times_the_photos(kind):
    vectors, queries = BY_SLUG["visual_search"].law_basis.vectors(1)  # the laws were recorded on another draw
    few, recalls = len(vectors) // 8, []
    effort = recorded_laws().retuned("visual_search", kind, 8, few, len(vectors))
    assert effort > 8
    for n, tried in ((few, 8), (len(vectors), 8), (len(vectors), effort)):
        exact = exact_neighbours(vectors[:n], queries[:300], 10)
        found = search(build_index(vectors[:n], kind=kind, seed=0), queries[:300], k=10, effort=tried).ids
        recalls.append(recall_at_k(found, list(exact), 10).mean())
    base, as_before, tuned = recalls
    assert as_before < tuned and tuned == pytest.approx(base, abs=0.05)


@pytest.mark.parametrize("dim", [16, 32, 64, 128, 256])
def test_a_scan_of_a_hundred_times_the_vectors_takes_nearly_a_hundred_times_as_long(dim):
    law, _ = recorded_laws().index_law("flat", dim, 1)
    assert law.time_us(10_000_000) / law.time_us(100_000) > 50


@pytest.mark.parametrize("kind", INDEXES)
def test_every_kind_has_laws_that_foretold_the_held_out_time(kind):
    rows = recorded_laws().work[kind]
    assert 2 * sum(row.supported for row in rows) >= len(rows), [(row.law, row.error) for row in rows]
