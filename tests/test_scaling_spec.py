"""What every case says about size, savings and work ahead, held against its default and its baseline."""

import numpy as np
import pytest

from core.analysis.ablation import climbed, missing, path, waterfall
from core.analysis.batch_vs_online import way, ways_of
from core.catalog import CASES
from core.checks.case_lint import scaling_parts_lack
from core.contract.design import canonical
from core.contract.scaling_spec import IndexPart
from core.runtime.results import RESULTS
from core.scaling import Size, linear_parts, project
from core.scaling.recorded import recorded_laws
from core.scaling.size import base_items, fixed_bytes, grown_bytes
from core.scaling.size import growing as growing_parts
from core.stages.index import INDEXES
from tests.cases_of_tests import few_or_all


def those(cases):
    """The tests below, for the cases that say such a thing; a case may do without."""
    return few_or_all(cases)


growing = those(case for case in CASES if case.scaling_parts is not None)
climbing = those(case for case in CASES if climbed(case))
precomputing = those(case for case in CASES if case.precompute is not None)


def served(case):
    """The default served in every way the case has, and the baseline."""
    ways = {"default": case.Design()} if case.precompute is None else ways_of(case, case.Design())
    return [*ways.values(), case.baseline]


@growing
def test_what_grows_is_in_the_design_and_no_larger_than_it(case):
    for design in served(case):
        measured = RESULTS.measure(case, design, 0)
        scaling_parts = case.scaling_parts(design, measured)
        assert all(part.kind in INDEXES for part in scaling_parts if isinstance(part, IndexPart))
        assert list(scaling_parts_lack(scaling_parts, measured)) == []
        base = base_items(scaling_parts)
        if base:
            assert 0 <= grown_bytes(scaling_parts, base) <= 1.25 * measured.memory_bytes, design


@growing
def test_a_part_over_a_share_of_the_items_serves_requests_and_all_of_them_is_the_part(case):
    for design in served(case):
        measured = RESULTS.measure(case, design, 0)
        for each in linear_parts(case.scaling_parts(design, measured), measured):
            half, whole = each.over(0.5, seed=0), each.over(1.0, seed=0)
            assert half.items == pytest.approx(whole.items / 2, abs=1) and 0 < half.nbytes < whole.nbytes
            assert whole.items == pytest.approx(each.items, rel=0.15), each.what
            assert min(half.n_requests, whole.n_requests) >= 100
            for part in (half, whole):
                assert all(part.ask(i) is not None for i in (0, part.n_requests - 1))


def projected(case, design, measured, items):
    """The measurement at so many items by the laws that ship, without a limit of a machine, as is the batch job's."""
    laws = recorded_laws()

    def law_of(part, effort):
        return laws.index_law(part.kind, part.dim, effort or part.effort) if isinstance(part, IndexPart) else None

    def retune(part, size):
        return laws.retuned(case.slug, part.kind, part.effort, part.items, size)

    keys = items * measured.n_keys / measured.n_items
    return project(case.scaling_parts(design, measured), measured, Size(items, keys), law_of, retune)


@growing
def test_what_was_measured_comes_back_and_more_items_take_no_less(case):
    for design in served(case):
        measured = RESULTS.measure(case, design, 0)
        here = projected(case, design, measured, measured.n_items).measured
        assert here.memory_bytes == pytest.approx(measured.memory_bytes, rel=0.25, abs=1)
        assert here.service_ms.mean() == pytest.approx(measured.service_ms.mean())
        assert (here.refresh_s, here.build_s) == pytest.approx((measured.refresh_s, measured.build_s))
        assert fixed_bytes(case.scaling_parts(design, measured), measured) >= 0
        sizes = [projected(case, design, measured, items).measured for items in (10**4, 2 * 10**7, 10**9)]
        for name in ("memory_bytes", "service_ms", "build_s", "refresh_s", "n_keys"):
            values = [float(np.mean(getattr(each, name))) for each in sizes]
            assert values == sorted(values), (design, name, values)


@growing
def test_the_steps_that_grow_with_the_items_are_in_the_design(case):
    for design in served(case):
        measured = RESULTS.measure(case, design, 0)
        for part in growing_parts(case.scaling_parts(design, measured)):
            there = {record.name for record in measured.steps}
            assert not part.built_by or there & set(part.built_by), (design, part.what)


@climbing
def test_the_ladder_leads_from_the_ceiling_to_every_design(case):
    for design in served(case):
        steps = path(case, design)
        assert steps[-1] == canonical(design) and all(each == canonical(each) for each in steps)


@climbing
def test_the_waterfall_of_the_default_adds_up(case):
    design = case.Design()
    for each in missing(case, design, {}):
        RESULTS.measure(case, each, 0)
    found = waterfall(case, design, {each: RESULTS.known(case, each, 0) for each in path(case, design)})
    assert found.ceiling + sum(fall.change for fall in found.falls) == pytest.approx(found.final, abs=1e-9)
    assert found.final == RESULTS.known(case, canonical(design), 0).quality[case.qualities[0].key].value


@precomputing
def test_the_job_serves_keys_and_stores_them(case):
    ways = ways_of(case, case.Design())
    assert {"online", "batch"} <= ways.keys()
    online, batch = (RESULTS.measure(case, ways[name], 0) for name in ("online", "batch"))
    keys = case.precompute.keys(ways["batch"])
    found = way(batch, online, keys, case.precompute.rows(ways["batch"]) if case.precompute.rows else 0)
    assert keys >= 1 and found.refresh_h > 0 and found.key_s >= 0 and 10 < found.key_bytes < 10_000
    assert found.request_s > 0
