"""What was recorded comes back as a measurement that is good for charts and bills, and for no paired test."""

import numpy as np
import pytest

from core.contract.case import estimate
from core.runtime import recorded
from core.serving.scenario import Scenario
from tests.factory import KEY, asked, evaluated, measurement, round_prices
from tests.toy_case import CASE, ToyDesign


def made():
    rng = np.random.default_rng(0)
    parts = {"read": rng.lognormal(0, 0.3, 2_000), "search": rng.lognormal(1, 0.5, 2_000)}
    return measurement(
        service_ms=sum(parts.values()), parts_ms=parts, cpu_ms={"read": 1.0, "search": 3.0}, n_items=5_000,
        counts={"distances": 12.5}, batches_ms={1: 4.0, 8: 20.0}, store_bytes=7, n_keys=3, refresh_every_h=24.0,
        quality={KEY: estimate(rng.random(50), unit="posts")},
    )  # fmt: skip


def back(measured):
    return recorded.measurement(recorded.row(ToyDesign(), 0, measured))


def test_a_row_gives_back_what_charts_bills_and_projections_need():
    measured = made()
    again = back(measured)
    assert again.quality[KEY].value == measured.quality[KEY].value
    assert (again.quality[KEY].low, again.quality[KEY].high) == (measured.quality[KEY].low, measured.quality[KEY].high)
    assert again.quality[KEY].unit == "posts" and again.n_items == 5_000 and again.n_keys == 3
    assert again.memory_bytes == measured.memory_bytes and again.counts == measured.counts
    assert again.batches_ms == measured.batches_ms and again.cpu_ms == measured.cpu_ms
    for part, times in measured.parts_ms.items():
        assert np.quantile(again.parts_ms[part], [0.5, 0.95]) == pytest.approx(
            np.quantile(times, [0.5, 0.95]), rel=0.02
        )
        assert again.parts_ms[part].mean() == pytest.approx(times.mean(), rel=0.03)


def test_its_bill_is_that_of_the_measurement():
    scenario = Scenario(asked(200.0, 500.0), round_prices())
    fresh, again = (evaluated(each, scenario).assessment for each in (made(), back(made())))
    assert again.replicas == fresh.replicas
    assert again.total_usd == pytest.approx(fresh.total_usd, rel=0.05)


def test_nothing_recorded_is_paired():
    measured = made()
    again = back(measured)
    assert not again.quality[KEY].pairs_with(measured.quality[KEY])
    assert not again.quality[KEY].pairs_with(again.quality[KEY])


def test_designs_come_back_with_machine_and_day_and_those_no_longer_offered_do_not(tmp_path):
    path, kept = tmp_path / "toy.parquet", ToyDesign()
    rows = [recorded.row(kept, 0, made()), recorded.row(kept, 3, made())]
    rows[1]["design"] += "&colour=red"
    recorded.write(path, rows)
    (one,) = recorded.recorded_designs(CASE, path)
    assert (one.design, one.seed) == (kept, 0) and one.processor and one.recorded_on
    assert recorded.recorded_designs(CASE, tmp_path / "none.parquet") == ()


@pytest.mark.parametrize("lacks", ["facts", "memory_bytes", KEY])
def test_a_row_that_lacks_something_is_a_value_error(lacks):
    row = recorded.row(ToyDesign(), 0, made())
    del row[lacks]
    with pytest.raises(ValueError, match="holds no measurement"):
        recorded.measurement(row)
