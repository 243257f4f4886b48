"""Batch against online: worked by hand, over random costs, and refused where the numbers say nothing."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.batch_vs_online import (
    Way,
    break_even,
    key_usd,
    monthly_usd,
    request_cpu_s,
    todays_requests,
    way,
    ways_of,
)
from core.contract.case import HOURS_A_MONTH
from core.contract.scaling_spec import Precompute
from tests.factory import NEEDS, Served, case, measurement, round_prices

PRICES = round_prices(vcpu_hour=3.6, gib_hour=0, stored_gb_month=0, target_utilisation=0.5)  # $0.001 a second
ONLINE, BATCH = Way(0.010), Way(0.0, 0.004, 0.0, 24.0)
positive = st.floats(1e-6, 1e3)


def ahead(**parts):
    options = {name: {"serving": name} for name in ("online", "batch")}
    return Precompute(**{**options, "hybrid": {}, "keys": lambda design: 100, "keys_are": "users", **parts})


def test_by_hand():
    # A key costs 4 ms of a full core, a request 10 ms of cores half busy, which is 20 ms paid: a fifth of a request.
    found = break_even(ONLINE, BATCH, PRICES)
    assert found.requests == pytest.approx(0.2)
    assert found.without_look_up == pytest.approx(0.4)  # CPU alone: 4 ms ÷ 10 ms


def test_keys_that_nobody_asks_for_are_paid_by_the_others():
    assert break_even(ONLINE, BATCH, PRICES, inactive=0.75).requests == pytest.approx(0.8)


def test_a_look_up_is_paid_as_well():
    assert break_even(ONLINE, Way(0.005, 0.004, 0, 24), PRICES).requests == pytest.approx(0.4)


def test_batch_never_pays_where_a_look_up_costs_as_much():
    assert break_even(ONLINE, Way(0.010, 0.004, 0, 24), PRICES).requests == inf


def test_batch_always_pays_where_the_job_costs_nothing_more():
    found = break_even(ONLINE, Way(0.001, 0.0, 0, 24), PRICES)
    assert (found.requests, found.without_look_up) == (0, 0)


def test_a_month_by_hand():
    # 1,000 users with two requests a day: 2,000 × 730/24 × 10 ms ÷ 0.5 × $0.001 a second.
    online = monthly_usd(ONLINE, 2, 1_000, 24, PRICES, 0.0)
    assert online == pytest.approx(2_000 * HOURS_A_MONTH / 24 * 0.010 / 0.5 * 0.001)
    assert monthly_usd(BATCH, 2, 1_000, 24, PRICES, 0.5) == pytest.approx(2_000 * HOURS_A_MONTH / 24 * 0.004 * 0.001)


def test_a_stored_key_is_paid_by_the_month():
    stored = round_prices(vcpu_hour=0, gib_hour=0, stored_gb_month=2.0, target_utilisation=0.5)
    assert key_usd(Way(0, 0, 1e9, HOURS_A_MONTH), stored) == pytest.approx(2.0)
    assert monthly_usd(Way(0, 0, 1e9, 24), 5, 3, 24, stored, 0.0) == pytest.approx(6.0)


@given(positive, positive, st.floats(0, 0.99), st.floats(1, 168))
def test_both_cost_the_same_at_the_break_even(online_s, key_s, inactive, refresh_h):
    online, batch = Way(online_s), Way(online_s / 10, key_s, 100.0, refresh_h)
    found = break_even(online, batch, PRICES, inactive)
    paid = [monthly_usd(each, found.requests, 1e6, refresh_h, PRICES, inactive) for each in (online, batch)]
    assert paid[0] == pytest.approx(paid[1], rel=1e-6)


@given(positive, positive, st.floats(0, 0.98))
def test_more_idle_keys_never_make_batch_pay_sooner(online_s, key_s, inactive):
    batch = Way(online_s / 2, key_s, 0.0, 24.0)
    few, many = (break_even(Way(online_s), batch, PRICES, share).requests for share in (inactive, inactive + 0.01))
    assert few <= many


@pytest.mark.parametrize("inactive", [-0.1, 1.0, float("nan"), 2])
def test_a_share_that_is_none_is_refused(inactive):
    with pytest.raises(ValueError, match="share of inactive keys"):
        break_even(ONLINE, BATCH, PRICES, inactive)
    with pytest.raises(ValueError, match="share of inactive keys"):
        monthly_usd(BATCH, 1, 1, 24, PRICES, inactive)


def test_a_way_is_what_was_measured_less_what_online_repeats():
    online = measurement(service_ms=10.0, refresh_s=1.0, refresh_every_h=24.0)
    batch = measurement(service_ms=1.0, refresh_s=5.0, refresh_every_h=48.0, store_bytes=2_000)
    assert way(online, online, 100) == Way(0.010)
    found = way(batch, online, 100, rows=20)
    assert found.key_s == pytest.approx((5.0 - 2.0) / 100) and found.key_bytes == 100 and found.refresh_h == 48


def test_requests_in_batches_share_their_time():
    assert request_cpu_s(measurement(batches_ms={1: 4.0, 8: 16.0})) == pytest.approx(0.002)
    assert request_cpu_s(measurement(service_ms=np.array([1.0, 3.0]))) == pytest.approx(0.002)


def test_a_job_without_keys_is_refused():
    with pytest.raises(ValueError, match="at least one key"):
        way(measurement(), measurement(), 0)


def test_the_ways_of_a_design_each_once():
    made = case(lambda design, seed: measurement(), Design=Served, precompute=ahead(hybrid={"serving": "batch"}))
    assert ways_of(made, Served()) == {"online": Served(), "batch": Served(serving="batch")}


def test_todays_requests_by_user_by_item_and_once():
    needs = replace(NEEDS, daily_users=1_000.0, requests_per_user=3.0, items=600.0)
    assert todays_requests(ahead(), needs, 48, 0.5) == (1_000, 6)
    assert todays_requests(ahead(per="item"), needs, 24, 0.5) == (300, pytest.approx(10))
    assert todays_requests(ahead(per="once"), needs, 48, 0.5) == (6_000, 1)


@pytest.mark.parametrize("needs", [replace(NEEDS, daily_users=0.0), replace(NEEDS, requests_per_user=0.0)])
def test_requirements_that_do_not_say_have_no_place(needs):
    assert todays_requests(ahead(), needs, 24, 0.5) is None
    assert todays_requests(ahead(per="item"), replace(NEEDS, items=None), 24, 0) is None


def test_requests_are_counted_against_something_known():
    with pytest.raises(ValueError, match="per user, item or once"):
        ahead(per="moon")
