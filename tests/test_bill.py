"""Every line of the bill worked out by hand, the loss of a zone by trying it, and what others pay beside ours."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog import CASES
from core.contract.money import Assumption, BillBeside, Charge
from core.serving import cost
from core.serving.bill import LINES, ShardFleet, fleet_of_shard, machines_of, spare_replicas
from core.serving.cost import monthly_usd
from core.serving.prices import EDITABLE, Prices, dials
from core.serving.scenario import Scenario
from core.ui.case.bill import table
from tests.factory import NEEDS, asked, measurement, round_prices


def amount(value):
    return Assumption(value, "", "a test", "2026")


def bill(measured=None, replicas=1, prices=None, **amounts):
    requirements = replace(
        NEEDS, **{name: value if name in PLAIN else amount(value) for name, value in amounts.items()}
    )
    return monthly_usd(measured or measurement(), replicas, Scenario(requirements, prices or round_prices()))


REVIEW = Charge("review", "reviewers", "A review", 0.25, "$ a review", "a test", "2026")
ERROR = Charge("error", "errors", "An error", 2.0, "$ an error", "a test", "2026", "harm")
PLAIN = {"items", "new_items_a_day", "encoder_parts"}


# Lines by hand


def test_by_hand_what_comes_in_and_goes_out():
    # 1 kB each are 262.8 GB: in by the balancer, out by the balancer and the internet, and half as much logged
    prices = round_prices(balancer_gb=0.01, network_gb=0.1, log_gb=0.5, log_kb=0.5)
    parts = bill(prices=prices, upload_kb=10.0, response_kb=1.0)
    assert parts["requests in"] == pytest.approx(26.28)
    assert parts["answers out"] == pytest.approx(262.8 * 0.11)
    assert parts["logging"] == pytest.approx(65.7)


def test_by_hand_items_and_indexes_in_object_storage():
    # a million items of 100 kB are 100 GB at 2 cents; three copies of 1 GiB
    parts = bill(prices=round_prices(index_versions=3.0), items=1e6, stored_kb=100.0)
    assert parts["items stored"] == pytest.approx(2.0)
    assert parts["indexes stored"] == pytest.approx(3 * 2**30 / 1e9 * 0.02)


def test_storage_is_of_the_items_that_were_asked_for():
    measured = measurement(n_items=1_000)
    assert bill(measured, stored_kb=1e3)["items stored"] == pytest.approx(0.02)
    assert bill(measured, stored_kb=1e3, items=5e6)["items stored"] == pytest.approx(100.0)


def test_by_hand_new_items_take_their_share_of_a_build_and_their_encoder():
    # 2,400 a day are 73,000 a month; each 36 ms of a build and 14 ms of an encoder, at 10 cents an hour
    measured = measurement(item_build_s=0.036, n_items=1_000)
    parts = bill(measured, new_items_a_day=2_400.0, item_encoder_ms=14.0)
    assert parts["new items"] == pytest.approx(73_000 * 0.05 / 3600 * 0.1)


def test_by_hand_the_encoder_of_the_asked_size_at_the_peak():
    # 100/s × 18 ms are 1.8 cores, half full 3.6; 730 h at 10 cents
    assert bill(encoder_ms=18.0)["encoder"] == pytest.approx(3.6 * 73.0)


def test_the_encoder_is_paid_for_requests_that_reach_it_and_ahead_for_those_looked_up():
    quarter = np.where(np.arange(1_000) % 4 == 0, 1.0, 0.0)
    skips = measurement(parts_ms={"read": np.ones(1_000), "encode": quarter})
    assert bill(skips, encoder_ms=18.0, encoder_parts=("encode",))["encoder"] == pytest.approx(0.9 * 73.0)
    hybrid = measurement(parts_ms={"look up": np.ones(1_000), "encode": quarter})  # the rest by a job, on full cores
    assert bill(hybrid, encoder_ms=18.0, encoder_parts=("encode",))["encoder"] == pytest.approx((0.9 + 1.35) * 73.0)
    batch = measurement(parts_ms={"look up": np.ones(1_000)})
    assert bill(batch, encoder_ms=18.0, encoder_parts=("encode",))["encoder"] == pytest.approx(1.8 * 73.0)


def test_by_hand_what_a_cache_answers_is_not_encoded():
    # each of 1,000 keys is asked for every ten seconds and kept for sixty: six of seven are found
    prices = round_prices(cache_ttl_s=60.0, cache_keys=1_000.0, cache_zipf=0.0)
    assert bill(prices=prices, encoder_ms=18.0)["encoder"] == pytest.approx(3.6 * 73.0 / 7)


def test_by_hand_shards_have_the_cores_of_their_work_and_one_copy_of_everything():
    # three replicas, of which two shards do 10 ms each: six cores; 10 ms on one and 2 on the other are 3.6
    even = measurement(shards=2, cpu_ms={"search": 20.0})
    parts = bill(even, replicas=3, prices=round_prices(cores_per_machine=2.0))
    assert parts["cores"] == pytest.approx(6 * 73.0)
    assert parts["memory"] == pytest.approx(2 * 7.3)  # two machines of each shard hold its three cores
    once = measurement(shards=2, cpu_ms={"encode": 8.0, "search": 4.0})
    assert bill(once, replicas=3)["cores"] == pytest.approx(3.6 * 73.0)
    idle = measurement(shards=8, cpu_ms={"search": 1.0}, service_ms=1.0)
    assert bill(idle, replicas=3, prices=round_prices(min_replicas=2.0))["cores"] == pytest.approx(16 * 73.0)


def test_by_hand_machines_of_shards_are_those_of_their_cores():
    # 90 replicas whose slowest shard takes 10 ms, the mean one 6: 54 cores of each of five shards, on 27 machines of
    # two; a zone of two lost, the 30 busy replicas keep 18 cores busy, and 54 are spare enough
    uneven = measurement(shards=5, cpu_ms={"search": 30.0})
    parts = bill(uneven, replicas=90, prices=round_prices(cores_per_machine=2.0, zones=2.0))
    assert parts["cores"] == pytest.approx(5 * 54 * 73.0)
    assert parts["memory"] == pytest.approx(27 * 7.3)
    assert parts["zone redundancy"] == 0
    assert fleet_of_shard(uneven, 90, 30.0, 2) == ShardFleet(pytest.approx(54), pytest.approx(18))


def test_every_line_says_what_it_counts_and_is_a_plain_number():
    stored = measurement(refresh_s=1.0, refresh_every_h=1.0, store_bytes=1)
    parts = bill(stored, prices=round_prices(cache_ttl_s=1.0))
    assert set(parts) == set(LINES) and all(type(usd) is float for usd in parts.values())


# Zones


def survives(replicas, busy, zones):
    """By trying it: dealt out in turn, does the rest carry the peak when the fullest zone is lost?"""
    zone = np.bincount(np.arange(replicas) % zones, minlength=zones)
    return replicas - zone.max() >= busy - 1e-9


@given(st.integers(1, 300), st.floats(0, 1), st.integers(2, 6))
def test_a_lost_zone_leaves_no_replica_more_than_full_and_no_spare_is_idle(replicas, share, zones):
    busy = share * replicas
    spare = spare_replicas(replicas, busy, zones)
    assert survives(replicas + spare, busy, zones)
    assert spare == 0 or not survives(replicas + spare - 1, busy, zones)


@pytest.mark.parametrize(
    ("replicas", "busy", "zones", "spare"),
    [(8, 4.8, 3, 0), (10, 8.0, 3, 2), (10, 8.0, 2, 6), (2, 0.01, 3, 0), (10, 10.0, 1, 0), (6, 4.0 + 1e-12, 3, 0)],
)
def test_by_hand_spare_replicas(replicas, busy, zones, spare):
    assert spare_replicas(replicas, busy, zones) == spare


@pytest.mark.parametrize(
    ("replicas", "per_machine", "zones", "machines"), [(64, 32, 3, 3), (97, 32, 3, 4), (2, 32, 3, 2), (0, 32, 3, 0)]
)
def test_by_hand_machines_share_a_copy(replicas, per_machine, zones, machines):
    assert machines_of(replicas, per_machine, zones) == machines


def test_by_hand_zone_redundancy_on_the_bill():
    # 100/s × 10 ms are 1 busy core of 1 replica: over three zones two are needed, each with its copy of 1 GiB
    parts = bill(replicas=1, prices=round_prices(zones=3.0))
    assert parts["zone redundancy"] == pytest.approx(73.0 + 7.3) and parts["memory"] == pytest.approx(7.3)


# Intervals


def test_a_charge_of_which_none_was_seen_may_cost_what_its_interval_says():
    measured = measurement(charged={"review": 2e-3, "error": 0.0}, charged_between={"error": (0.0, 1e-6)})
    taken = cost.assess(measured, Scenario(replace(NEEDS, charges=(REVIEW, ERROR)), round_prices()))
    assert taken.usd_per_month["errors"] == 0 and taken.people_usd == pytest.approx(131_400)
    assert taken.harm_between == pytest.approx((0.0, 525.6))
    assert taken.total_between == pytest.approx((taken.total_usd, taken.total_usd + 525.6))
    assert taken.total_usd == pytest.approx(taken.machines_usd + taken.people_usd + taken.harm_usd)


def test_a_charge_is_for_people_or_for_harm():
    with pytest.raises(ValueError, match="for people or for harm"):
        replace(ERROR, kind="luck")


def test_without_charges_that_are_estimated_the_total_has_no_interval():
    taken = cost.assess(measurement(), Scenario(NEEDS, round_prices()))
    assert taken.total_between is None and taken.harm_between is None and taken.people_usd == 0


# Dates


@pytest.mark.parametrize(
    ("as_of", "stale"),
    [
        ("2026-11-29", False),
        ("2025-11-29", False),
        ("2025-11-28", True),
        ("2025-12", False),
        ("2025", True),
        ("now", False),
    ],
)
def test_a_price_is_stale_after_a_year(as_of, stale):
    assert Assumption(1.0, "$", "a test", as_of).stale_on(date(2026, 11, 29)) == stale


def test_the_prices_of_the_cloud_were_fresh_when_they_were_written_down():
    written = date(2026, 11, 29)
    old = {name for name in EDITABLE if getattr(Prices(), name).stale_on(written)}
    assert old <= {"cache_zipf", "network_ms"}  # a law of 1999, and a round trip of 2009


# What others pay

BESIDE = [(case, beside) for case in CASES for beside in case.bills_beside]
BY_HAND = {
    "visual_search: An image API, per picture": 1e9 * 730 / 24 * 0.0006,
    "visual_search: All of Pinterest's cloud": 750e6 / 72,
    "street_view_blurring: An image API, per photo": 86.4e6 * 730 / 24 * 0.0006,
    "video_search: A managed search service": 150e6 * 730 / 24 * 1.5 / 1_000,
    "harmful_content: Facebook's reviewers, wages alone": 15_000 * 28_000 / 12,
    "harmful_content: A text moderation API": 500e6 * 730 / 24 * 0.38 / 1_000,
    "video_recommendation: A managed recommender": 900e6 * 730 / 24 * 0.10 / 1_000,
    "event_recommendation: A managed recommender": 100e6 * 730 / 24 * 0.10 / 1_000,
    "ad_click: Scoring twenty ads with Wide & Deep, cores alone": 4.5e9
    * 730
    / 24
    * 20
    * 112
    / 55_612.97
    / 3600
    * 0.0316,
    "similar_listings: A managed recommender": 2e9 * 730 / 24 * 0.10 / 1_000,
    "similar_listings: All of Airbnb's cloud in 2020": (63.5e6 / 0.27 - 63.5e6) / 12,
    "news_feed: As many CPU seconds as Twitter's feed": 4e9 * 730 / 24 * 220 / 3600 * 0.0316,
    "people_you_may_know: A managed recommender, by its rate": 100e6 / 86_400 * 200,
}


@pytest.mark.parametrize(("case", "beside"), BESIDE, ids=lambda value: getattr(value, "slug", ""))
def test_what_others_pay_worked_out_again(case, beside):
    assert beside.usd_per_month(case.requirements) == pytest.approx(BY_HAND[f"{case.slug}: {beside.what}"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_bill_stands_beside_an_order_of_magnitude_that_says_where_it_is_from(case):
    assert case.bills_beside
    for beside in case.bills_beside:
        assert isinstance(beside, BillBeside) and beside.source in case.sources and beside.source.url
        assert beside.differs.endswith(".") and len(beside.differs.split()) <= 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_case_says_what_it_stores_sends_and_receives(case):
    needs = case.requirements
    for assumed in (needs.stored_kb, needs.upload_kb, needs.response_kb):
        assert assumed.value > 0 and assumed.source
    assert (needs.encoder_ms.value > 0) == bool(needs.encoder_parts)


# On the page


def test_the_table_of_the_bill_leaves_out_lines_of_nothing():
    taken = cost.assess(measurement(), Scenario(asked(1_000.0), round_prices()))
    shown = table(taken, LINES)
    assert f"| **cores**: {LINES['cores']} | $1,460 |" in shown and "logging" not in shown and "**$1,606**" in shown


def test_the_table_shows_a_line_of_nothing_that_may_be_more():
    measured = measurement(charged={"error": 0.0}, charged_between={"error": (0.0, 1e-6)})
    taken = cost.assess(measured, Scenario(replace(NEEDS, charges=(ERROR,)), round_prices()))
    assert "| **errors**: ; 95 %: $0 to $526 | $0 |" in table(taken, LINES)


def test_old_links_name_assumptions_that_are_still_there():
    named = dials(Prices(), NEEDS)
    assert {"network_gb", "response_kb", "stored_gb_month", "vcpu_hour", "rebuilds_month"} <= named.keys()
