"""What every case says about size, savings and work ahead, held against its default and its baseline."""

import pytest

from core.analysis.ablation import climbed, missing, path, waterfall
from core.analysis.batch_vs_online import way, ways_of
from core.catalog import CASES
from core.checks.case_lint import scaling_parts_lack
from core.contract.design import canonical
from core.contract.scaling_spec import IndexPart
from core.runtime.results import RESULTS
from core.scaling import extrapolate, linear_parts, shards_needed
from core.scaling.extrapolate import base_items, fixed_bytes, grown_bytes
from core.stages.index import INDEXES
from tests.cases_of_tests import few_or_all

GIB = 2**30


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
            assert 0 < grown_bytes(scaling_parts, base) <= 1.25 * measured.memory_bytes, design


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


@growing
def test_what_was_measured_comes_back_and_a_billion_takes_no_less(case):
    for design in served(case):
        measured = RESULTS.measure(case, design, 0)
        scaling_parts = case.scaling_parts(design, measured)
        here = extrapolate(scaling_parts, measured, max(1, base_items(scaling_parts)))
        assert here.total_bytes == pytest.approx(measured.memory_bytes, rel=0.25)
        assert extrapolate(scaling_parts, measured, 10**9).total_bytes >= here.total_bytes
        assert shards_needed(scaling_parts, measured, 10**12, 64 * GIB, 1.2) >= 1
        assert fixed_bytes(scaling_parts, measured) >= 0


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
