"""Replicas, p99 and dollars worked out by hand, and what must be true of any bill."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog import CASES
from core.contract.money import Charge
from core.serving import cost
from core.serving.bill import LINES
from core.serving.cost import batch_curve_s, monthly_usd
from core.serving.prices import YOURS, Assumption, Prices, dials, reassumed, repriced
from core.serving.scenario import Scenario
from tests.factory import NEEDS, asked, measurement, round_prices

steady = settings(deadline=None, derandomize=True, max_examples=30)
PRICES = round_prices()
UNEVEN = np.random.default_rng(0).lognormal(2.0, 0.5, 1_000)  # about 8 ms, the slowest 1 % above 23 ms
BATCHES = {1: 2.0, 8: 4.0}
ONLINE, BATCHED = measurement(service_ms=UNEVEN), measurement(batches_ms=BATCHES)
loads = st.floats(1, 5_000)
bounds = st.floats(1, 300)


def assess(measured, requirements, prices=None):
    return cost.assess(measured, Scenario(requirements, prices or Prices()))


def needs(peak_rps=100.0, p99_ms=50.0):
    return asked(peak_rps, p99_ms)


# Dollars by hand


def paid(measured, replicas, requirements=NEEDS, prices=PRICES):
    """The lines of a bill that are not free at these prices."""
    return {part: usd for part, usd in monthly_usd(measured, replicas, Scenario(requirements, prices)).items() if usd}


def test_by_hand_two_online_replicas():
    # 2 × 730 h × (0.10 + 1 GiB × 0.01)
    assert paid(measurement(), 2) == pytest.approx({"cores": 146.0, "memory": 14.6})


def test_by_hand_memory_with_headroom():
    assert paid(measurement(), 1, prices=round_prices(headroom=1.5))["memory"] == pytest.approx(10.95)


def test_by_hand_batch_job_and_store():
    # one hour of one core every 73 h is 10 runs a month; 5 GB at 2 cents
    stored = measurement(refresh_s=3_600.0, refresh_every_h=73.0, store_bytes=5 * 10**9)
    assert paid(stored, 1) == pytest.approx({"cores": 73.0, "memory": 7.3, "batch job": 1.0, "store": 0.1})


def test_the_total_is_the_sum_of_the_parts():
    taken = assess(measurement(refresh_s=3_600.0, refresh_every_h=73.0), NEEDS, PRICES)
    assert taken.total_usd == pytest.approx(sum(taken.usd_per_month.values()))
    assert set(taken.usd_per_month) <= set(LINES)


CHARGES = (
    Charge("review", "reviewers", "A review", 0.25, "$ a review", "a test", "2026"),
    Charge("error", "errors", "An error", 2.0, "$ an error", "a test", "2026"),
)


def test_by_hand_people_and_errors():
    # 100/s × 730 h = 262.8 million requests; of a thousand two are reviewed and of a million one is an error
    charged = measurement(charged={"review": 2e-3, "error": 1e-6})
    taken = assess(charged, replace(NEEDS, charges=CHARGES), PRICES)
    assert taken.usd_per_month["reviewers"] == pytest.approx(131_400)
    assert taken.usd_per_month["errors"] == pytest.approx(525.6)
    assert taken.machines_usd == pytest.approx(assess(charged, NEEDS, PRICES).total_usd)
    assert taken.total_usd == pytest.approx(taken.machines_usd + 131_925.6)


def test_a_charge_for_what_is_not_counted_is_refused():
    with pytest.raises(KeyError, match="error"):
        assess(measurement(charged={"review": 1.0}), replace(NEEDS, charges=CHARGES), PRICES)


@pytest.mark.parametrize(
    ("usd", "source", "said"),
    [(-1.0, "a test", "cannot be"), (float("nan"), "a test", "cannot be"), (1.0, "", "source")],
)
def test_a_charge_needs_a_price_and_a_source(usd, source, said):
    with pytest.raises(ValueError, match=said):
        Charge("review", "reviewers", "A review", usd, "$ a review", source, "2026")


def test_a_reader_sets_the_price_of_a_charge_and_the_size_of_a_request_and_no_other():
    changed = reassumed(replace(NEEDS, charges=CHARGES), review=1.0, upload_kb=7.0, vcpu_hour=9.0)
    review, error = changed.charges
    assert (review.usd, review.source) == (1.0, YOURS) and error == CHARGES[1]
    found = dials(repriced(Prices(), vcpu_hour=9.0), changed)
    assert found["review"].assumed == Assumption(1.0, "$ a review", YOURS, "now")
    assert found["upload_kb"].assumed == Assumption(7.0, "kB a request", YOURS, "now")
    assert found["response_kb"].assumed == NEEDS.response_kb
    assert found["vcpu_hour"].assumed.value == 9.0 and found["error"].assumed.source == "a test"


def test_no_replicas_cost_nothing():
    assert sum(monthly_usd(measurement(), 0, Scenario(NEEDS, PRICES)).values()) == 0


def test_by_hand_builds_and_a_million_requests():
    # an hour of a core thirty times
    assert paid(measurement(build_s=3_600.0), 1, prices=round_prices(rebuilds_month=30))["builds"] == pytest.approx(3.0)
    taken = assess(measurement(), NEEDS, PRICES)
    assert taken.usd_per_million == pytest.approx(taken.total_usd / 262.8)


# Replicas by hand


def test_by_hand_replicas_for_a_load():
    # 1,000 requests of 10 ms are 10 busy cores; half full that is 20
    taken = assess(measurement(), needs(peak_rps=1_000.0), PRICES)
    assert (taken.replicas, taken.utilisation, taken.meets_p99) == (20, pytest.approx(0.5), True)
    assert 10 <= taken.p99_ms < 20


def test_by_hand_a_light_load_waits_for_nobody():
    taken = assess(measurement(), needs(peak_rps=0.01), PRICES)
    assert (taken.replicas, taken.p99_ms) == (1, pytest.approx(10.0))


def test_there_is_always_a_spare_replica():
    assert assess(measurement(), needs(peak_rps=0.01), round_prices(min_replicas=3)).replicas == 3
    assert assess(BATCHED, needs(peak_rps=0.01), round_prices(min_replicas=3)).replicas == 3


def test_a_bound_that_no_number_of_replicas_meets_is_served_by_load_and_said_to_miss():
    taken = assess(measurement(), needs(peak_rps=1_000.0, p99_ms=5.0), PRICES)
    assert (taken.replicas, taken.meets_p99) == (20, False) and taken.p99_ms >= 10


def test_a_tight_bound_takes_more_replicas_than_the_load_alone():
    by_load, tight = (assess(ONLINE, needs(100.0, p99_ms), PRICES) for p99_ms in (1_000.0, 25.0))
    assert tight.meets_p99 and (by_load.replicas, tight.replicas) == (2, 3)


# Dynamic batching


def test_by_hand_times_between_measured_batch_sizes_lie_on_a_line():
    assert batch_curve_s(measurement(batches_ms={1: 2.0, 4: 5.0})) * 1e3 == pytest.approx([2, 3, 4, 5])


def test_a_larger_batch_is_never_quicker_than_a_smaller_one():
    curve_ms = batch_curve_s(measurement(batches_ms={4: 2.0, 1: 3.0, 2: 1.0})) * 1e3
    assert curve_ms == pytest.approx([3, 3, 3, 3])


def test_batches_smaller_than_any_measured_take_the_time_of_the_smallest():
    assert batch_curve_s(measurement(batches_ms={2: 3.0, 4: 5.0})) * 1e3 == pytest.approx([3, 3, 4, 5])


def test_by_hand_a_lonely_request_waits_for_company_and_is_served_alone():
    taken = assess(BATCHED, needs(peak_rps=0.01), PRICES)
    assert (taken.replicas, taken.p99_ms) == (1, pytest.approx(5.0 + 2.0, abs=1e-3))


def test_by_hand_replicas_of_full_batches():
    # 8 in 4 ms are 2,000 a second; half full that is 1,000 a replica
    taken = assess(BATCHED, needs(peak_rps=10_000.0), PRICES)
    assert (taken.replicas, taken.utilisation, taken.meets_p99) == (10, pytest.approx(0.5), True)


def test_batches_of_one_are_no_batching():
    alone, single = measurement(), measurement(batches_ms={1: 10.0})
    assert assess(single, NEEDS, PRICES) == assess(alone, NEEDS, PRICES)


def test_batching_that_shares_work_needs_fewer_replicas_at_a_high_load():
    shared, apart = measurement(service_ms=2.0, batches_ms=BATCHES), measurement(service_ms=2.0)
    assert assess(shared, needs(10_000.0), PRICES).replicas < assess(apart, needs(10_000.0), PRICES).replicas


def test_batches_that_no_bound_allows_stop_adding_replicas():
    taken = assess(BATCHED, needs(10_000.0, p99_ms=1.0), PRICES)
    assert not taken.meets_p99 and taken.replicas <= 5 * 10


# A cache in front

KEPT = round_prices(cache_ttl_s=60.0, cache_keys=1_000.0, cache_ms=1.0, cache_zipf=0.0)
MB = Assumption(1_000.0, "kB an answer", "a test", "2026")


def test_by_hand_a_cache_takes_its_share_of_the_load_off_the_replicas():
    # 1,000/s over 1,000 keys: each is asked for once a second, so of 61 requests 60 find it kept
    large = replace(needs(1_000.0), response_kb=MB)
    taken, alone = (assess(measurement(), large, prices) for prices in (KEPT, PRICES))
    assert taken.hits == pytest.approx(60 / 61) and (taken.replicas, alone.replicas) == (1, 20)
    # a core, and 1 GB of answers at a cent a GiB and hour
    assert taken.usd_per_month["cache"] == pytest.approx(730 * (0.1 + 0.01 * 1e9 / 2**30))


def test_the_p99_counts_the_requests_that_the_cache_answers():
    # 1.6 % miss, so the p99 of all is the p39 of those, a look-up later
    assert assess(measurement(), needs(1_000.0), KEPT).p99_ms == pytest.approx(11.0, abs=0.5)
    longer = replace(KEPT, cache_ttl_s=Assumption(1e6, "", "a test", "2026"))
    assert assess(measurement(), needs(1_000.0), longer).p99_ms == pytest.approx(1.0)  # fewer than 1 % miss


def test_a_cache_that_costs_more_than_the_bound_misses_it():
    slow = replace(KEPT, cache_ms=Assumption(60.0, "", "a test", "2026"))
    assert not assess(measurement(), needs(1_000.0), slow).meets_p99


# The network, and the share within the bound

FAR = round_prices(network_ms=30.0)


@pytest.mark.parametrize("measured", [measurement(), BATCHED, measurement(service_ms=0.002, store_bytes=1)])
def test_by_hand_the_network_is_in_the_p99_of_every_way_of_serving(measured):
    for rate in (0.0, 0.01):
        near, far = (assess(measured, needs(rate), prices).p99_ms for prices in (PRICES, FAR))
        assert far - near == pytest.approx(30.0)
    assert assess(measured, needs(0.01)).p99_ms >= 0.5  # by default: a look-up of 2 µs too


def test_what_the_network_takes_is_not_left_for_the_replicas():
    near, far = (assess(ONLINE, needs(100.0, p99_ms), prices) for p99_ms, prices in ((25.0, PRICES), (55.0, FAR)))
    assert far.replicas == near.replicas == 3 and far.p99_ms == pytest.approx(near.p99_ms + 30.0)
    assert not assess(ONLINE, needs(100.0, 25.0), FAR).meets_p99


def goodput(measured, requirements, prices=PRICES):
    return cost.fleet(measured, Scenario(requirements, prices).load).goodput


def test_by_hand_goodput_is_the_share_of_requests_within_the_bound():
    """Nobody waits: 900 of 1,000 requests take 10 ms, the others 100 ms; a bound of 50 ms holds for 90 %."""
    mixed = measurement(service_ms=np.array([10.0] * 900 + [100.0] * 100))
    assert goodput(mixed, needs(0.0)) == 0.9
    assert goodput(mixed, needs(0.001)) == pytest.approx(0.9, abs=0.01)
    assert goodput(mixed, needs(0.0), FAR) == 0.9 and goodput(mixed, needs(0.0, 39.0), FAR) == 0.0
    assert goodput(measurement(), needs(1_000.0)) >= 0.99 > 0.01 >= goodput(measurement(), needs(1_000.0, 5.0))


def test_by_hand_goodput_counts_what_the_cache_answers():
    # of 61 requests the cache answers 60 in 1 ms, and the bound of 5 ms is too tight for the one that takes 10
    assert goodput(measurement(), needs(1_000.0, 5.0), KEPT) == pytest.approx(60 / 61)


@given(loads, bounds)
@steady
def test_a_p99_within_its_bound_is_a_goodput_of_at_least_99_in_100(rate, p99_ms):
    found = cost.fleet(ONLINE, Scenario(needs(rate, p99_ms)).load)
    assert (found.p99_ms <= p99_ms) == (found.goodput >= 0.99 - 1e-4) or found.goodput == pytest.approx(0.99, abs=1e-4)


# Large fleets


def test_a_fleet_of_many_thousands_is_equal_groups_and_still_answers():
    huge, large = (assess(measurement(), needs(rate), PRICES) for rate in (1e9, 1e6))
    assert huge.replicas == pytest.approx(1_000 * large.replicas, rel=0.01) and large.replicas >= 20_000
    assert huge.utilisation == pytest.approx(0.5, rel=0.01) and huge.meets_p99


# What must be true of any bill


@steady
@given(loads, loads, bounds)
def test_more_traffic_never_needs_fewer_replicas(one, other, p99_ms):
    low, high = sorted((one, other))
    assert assess(ONLINE, needs(low, p99_ms)).replicas <= assess(ONLINE, needs(high, p99_ms)).replicas


def test_more_traffic_never_needs_fewer_replicas_with_batches_either():
    apart = measurement(batches_ms={1: 1.0, 4: 4.0})  # batches that save nothing, where it shows most
    replicas = [assess(apart, needs(load, 9.0)).replicas for load in range(2_000, 6_000, 100)]
    assert replicas == sorted(replicas)


@steady
@given(loads, bounds, bounds)
def test_a_tighter_bound_never_costs_less_while_it_can_be_met(load, one, other):
    tight, loose = (assess(ONLINE, needs(load, p99_ms)) for p99_ms in sorted((one, other)))
    assert not tight.meets_p99 or loose.meets_p99
    assert not tight.meets_p99 or tight.total_usd >= loose.total_usd


@steady
@given(loads, bounds, bounds)
def test_a_tighter_bound_never_costs_less_with_batches_either(load, one, other):
    tight, loose = (assess(BATCHED, needs(load, p99_ms)) for p99_ms in sorted((one, other)))
    assert tight.total_usd >= loose.total_usd


@steady
@given(loads, bounds, st.sampled_from([ONLINE, BATCHED]))
def test_the_answer_agrees_with_itself(load, p99_ms, measured):
    taken = assess(measured, needs(load, p99_ms))
    assert taken.replicas >= 2 and 0 < taken.utilisation <= 0.6 + 1e-6
    assert taken.meets_p99 == (taken.p99_ms <= p99_ms)
    assert taken.usd_per_month == monthly_usd(measured, taken.replicas, Scenario(needs(load, p99_ms)))
    assert assess(measured, needs(load, p99_ms)) == taken


def test_a_dearer_core_costs_more_and_changes_nothing_else():
    cheap, dear = (assess(ONLINE, NEEDS, round_prices(vcpu_hour=usd)) for usd in (0.1, 0.2))
    assert dear.usd_per_month["cores"] == pytest.approx(2 * cheap.usd_per_month["cores"])
    assert replace(dear, usd_per_month={}) == replace(cheap, usd_per_month={})


# Absurd requirements

ABSURD = [0.0, -1.0, float("nan"), float("inf")]


@pytest.mark.parametrize("measured", [ONLINE, BATCHED])
def test_without_users_the_fewest_replicas_stand_idle(measured):
    taken = assess(measured, needs(peak_rps=0.0))
    assert (taken.replicas, taken.utilisation, taken.usd_per_million) == (2, 0.0, float("inf"))
    assert taken.p99_ms == measured.percentiles_ms["p99"].value + 0.5  # the network


@pytest.mark.parametrize("bad", ABSURD[1:])
def test_a_load_that_is_no_positive_number_is_refused(bad):
    with pytest.raises(ValueError, match="must be finite and not below 0, got"):
        assess(ONLINE, needs(peak_rps=bad))


@pytest.mark.parametrize("bad", ABSURD)
def test_a_bound_that_is_no_positive_number_is_refused(bad):
    with pytest.raises(ValueError, match=r"p99.* must be finite and above 0, got"):
        assess(ONLINE, needs(p99_ms=bad))


@pytest.mark.parametrize("bad", ABSURD[1:])
def test_a_load_on_batches_that_is_no_positive_number_is_refused(bad):
    with pytest.raises(ValueError, match=f"must be finite and not below 0, got {bad}"):
        assess(BATCHED, needs(peak_rps=bad))


@pytest.mark.parametrize("bad", ABSURD)
def test_a_bound_on_batches_that_is_no_positive_number_is_refused(bad):
    with pytest.raises(ValueError, match=r"p99.* must be finite and above 0, got"):
        assess(BATCHED, needs(p99_ms=bad))


@pytest.mark.parametrize("full", [0.0, 1.0, 1.5])
def test_cores_that_are_always_or_never_busy_are_refused(full):
    with pytest.raises(ValueError, match="utilisation must be above 0"):
        assess(ONLINE, NEEDS, round_prices(target_utilisation=full))


@pytest.mark.parametrize("full", [0.0, 1.0, 1.5])
def test_cores_with_batches_that_are_always_or_never_busy_are_refused(full):
    with pytest.raises(ValueError, match="utilisation must be above 0"):
        assess(BATCHED, NEEDS, round_prices(target_utilisation=full))


# Prices


def test_a_price_without_a_source_is_refused():
    with pytest.raises(ValueError, match="needs a source"):
        Assumption(1.0, "$", "", "2026")


@pytest.mark.parametrize("value", [-0.01, float("nan")])
def test_a_negative_or_undefined_price_is_refused(value):
    with pytest.raises(ValueError, match="cannot be"):
        Assumption(value, "$", "a test", "2026")


def test_an_infinite_price_is_refused():
    with pytest.raises(ValueError, match="cannot be"):
        Assumption(float("inf"), "$", "a test", "2026")


def test_a_price_may_be_nothing():
    assert Assumption(0.0, "$", "a gift", "2026").value == 0


def test_every_price_has_a_unit_a_source_and_a_date():
    amounts = {name: dial.assumed for case in CASES for name, dial in dials(Prices(), case.requirements).items()}
    for name, price in (vars(Prices()) | amounts).items():
        assert price.value >= 0 and price.unit and price.source and price.as_of[:2] in ("19", "20"), name
