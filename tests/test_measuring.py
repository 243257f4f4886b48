"""What a plan names is measured, and a first run says the same as a remembered one."""

from types import SimpleNamespace

import numpy as np

from core.contract.case import estimate
from core.runtime.measuring import Plan, measure
from core.runtime.memo import MEMO, step
from core.runtime.timing import time_each


def _write_store():
    return np.arange(sum(range(20_000)) % 1_000 + 1_000)


def _grade(store):
    return {"recall": estimate((store % 2).astype(float))}


def _time_look_up(store):
    return time_each(lambda i: store[i % len(store)], 50)


def _plan(design, seed):
    store = step(_write_store)
    quality, looking = step(_grade, store), step(_time_look_up, store)
    return Plan(
        quality=quality, timed={"look up": looking}, held={"store": store, "ids": 24}, built=[store], n_items=7,
        store=store, refreshed=(store,), refresh_every_h=6, indexed=(store,),
    )  # fmt: skip


def test_the_first_run_counts_the_job_as_a_remembered_one_does():
    MEMO.clear()
    first, again = (measure(_plan, SimpleNamespace()) for _ in range(2))
    assert 0 < first.refresh_s == again.refresh_s == first.build_s == first.index_build_s


def test_a_replica_holds_the_sum_of_its_parts():
    measured = measure(_plan, SimpleNamespace())
    assert measured.memory_bytes == sum(measured.parts_bytes.values()) and measured.parts_bytes["ids"] == 24
    assert measured.store_bytes == measured.parts_bytes["store"] and measured.n_items == 7
    np.testing.assert_array_equal(measured.service_ms, measured.parts_ms["look up"])
