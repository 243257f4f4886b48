"""Ad click prediction: what is special to it, its bad input, and every sentence it tells."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from core.cases.ad_click import AdClick
from core.cases.ad_click import features as f
from core.cases.ad_click.checks import money
from core.cases.ad_click.data import exposures
from core.cases.ad_click.data.simulate import HISTORY_DAYS, simulate
from core.cases.ad_click.evaluate import auction, metrics
from core.cases.ad_click.model import calibration, compression, linear, networks
from core.cases.ad_click.model.kinds import MODELS
from core.cases.ad_click.pipeline import _filling_s, run, stages
from core.cases.ad_click.serve import stores
from core.contract.design import canonical
from core.datasets.files import DataError
from core.runtime.memo import MEMO
from core.ui.panels import ad_panels

KNOWN = AdClick(data="generated", drift=3.0, calibrator="none")


@pytest.fixture(scope="module")
def log():
    """The coupons."""
    return exposures.load_world("coupons", 0.0, 0.0, seed=0)


@pytest.fixture(scope="module")
def made():
    """Generated ads that drift."""
    return simulate(1.0, 1.0, seed=0)


# -- the world -------------------------------------------------------------------------------------------------------


def test_a_counter_counts_what_came_before_the_day_and_its_lag(made):
    rng = np.random.default_rng(0)
    for row in rng.integers(60_000, len(made.day), 20):
        for at, lag in enumerate(exposures.LAGS):
            end = made.day[row] - lag
            before = (made.day < end) & (made.day >= end - 14) & (made.codes["ad"] == made.codes["ad"][row])
            assert made.counters["ad: shows, 14 days"][at, row] == before.sum()
            assert made.counters["ad: clicks, 14 days"][at, row] == (before & made.clicked).sum()


def test_clicks_come_at_their_chances(made):
    expected, spread = made.chance.sum(), np.sqrt((made.chance * (1 - made.chance)).sum())
    assert abs(made.clicked.sum() - expected) < 4 * spread


def test_no_ad_is_shown_before_it_is_born_and_a_still_world_has_no_births(made):
    assert (made.born <= made.day).all() and made.born.max() > HISTORY_DAYS
    assert simulate(1.0, 0.0, seed=0).born.max() == 0


def test_by_time_a_model_knows_only_clicks_that_came_before_its_cut(log):
    rows = f.choose_rows(log, "time", 14.0, 1.0, seed=0)
    taught, labels = rows.train, rows.train_y
    assert log.day[taught].max() < 256 and (log.click_day[taught][labels] < 256).all()
    assert not set(taught) & set(rows.test) and log.day[rows.test].min() >= 270
    assert (log.clicked[taught] & ~labels).any()  # some clicks had not come yet


def test_a_rehearsal_holds_the_latest_quarter_back_for_the_calibrator(log):
    rows = f.choose_rows(log, "time", 0.5, 1.0, seed=0)
    held = f.hold_back(rows)
    assert (len(rows.train), len(held.train), len(held.calibration)) == (24_000, 18_000, 6_000)
    assert np.array_equal(np.concatenate([held.train, held.calibration]), rows.train)
    assert log.day[held.train].max() <= log.day[held.calibration].min()


@pytest.mark.parametrize("calibrator", ["formula", "platt"])
def test_recalibration_leaves_the_model_and_so_the_order_as_they_are(calibrator):
    plain, mended = (
        stages(canonical(replace(KNOWN, model="lr", negatives=0.3, calibrator=how))) for how in ("none", calibrator)
    )
    assert plain["model"].key == mended["model"].key
    auc, auc_mended = (s["quality"].value["auc"].value for s in (plain, mended))
    assert auc_mended == pytest.approx(auc, abs=1e-6)  # a sigmoid rounds two log-odds in a million together
    assert plain["quality"].value["ne"].value > mended["quality"].value["ne"].value


def test_people_stand_together_in_the_test(log):
    rows = f.choose_rows(log, "time", 0.5, 1.0, seed=0)
    people = log.codes[rows.test, 0]
    assert (np.diff(people) != 0).sum() == len(np.unique(people)) - 1


# -- metrics ---------------------------------------------------------------------------------------------------------


def test_metrics_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    chance = rng.random(2_000).round(2)  # with ties
    y = rng.random(2_000) < chance**2
    assert metrics.auc_values(chance, y).mean() == pytest.approx(roc_auc_score(y, chance))
    assert metrics.precision_values(chance, y).mean() == pytest.approx(average_precision_score(y, chance))
    assert metrics.log_loss(chance.clip(0.01, 0.99), y).mean() == pytest.approx(log_loss(y, chance.clip(0.01, 0.99)))


def test_normalised_entropy_by_hand():
    y = np.array([True] + [False] * 19)
    plain = -(np.log(0.5) * 20) / 20
    said = np.where(y, 0.8, 0.1)
    by_hand = -(np.log(0.8) + 19 * np.log(0.9)) / 20 / plain
    assert metrics.normalised_entropy(said, y, 0.5).mean() == pytest.approx(by_hand)


def test_the_sampling_formula_by_hand_and_on_log_odds():
    assert calibration.corrected(0.2, 0.025) == pytest.approx(0.2 / (0.2 + 0.8 / 0.025))
    shifted = calibration.fit_calibrator("formula", np.empty(0), np.empty(0, bool), 0.025)
    assert shifted(np.log(np.array([0.25]))) == pytest.approx([calibration.corrected(0.2, 0.025)])


# -- models ----------------------------------------------------------------------------------------------------------


def test_leaves_into_regression_are_each_rows_weights_summed():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4_000, 5)).astype(np.float32)
    y = rng.random(4_000) < 1 / (1 + np.exp(-x[:, 0] * x[:, 1]))
    inputs = f.Inputs(rng.integers(0, 8, (4_000, 2)).astype(np.int32), x[:, :1], x)
    model = MODELS["hybrid"].fit(inputs, y, buckets=8, trees=10, penalty=0.1, seed=0)
    few = f.Inputs(inputs.hashed[:9], inputs.numbers[:9], x[:9])
    weights = np.array([model.leaf_weights[row].sum() for row in model.trees.leaves(few.trees)])
    np.testing.assert_allclose(model.log_odds(few), model.linear.log_odds(few) + weights, rtol=1e-6)
    assert metrics.auc_values(model.log_odds(inputs), y).mean() > 0.65


@pytest.mark.parametrize("kind", networks.PARTS)
def test_served_networks_say_what_torch_says(kind):
    import torch

    rng = np.random.default_rng(0)
    inputs = f.Inputs(
        rng.integers(0, 64, (500, 6)).astype(np.int32), rng.normal(size=(500, 3)).astype(np.float32), np.empty((500, 0))
    )
    net = networks.train(kind, inputs, rng.random(500) < 0.3, 64, 4, seed=0)
    named = {"table": net.table, "numbers": net.number_weights, "bias": np.array([net.bias], np.float32)}
    named |= dict(zip(("cross_u", "cross_v", "cross_b"), net.cross, strict=False))
    named |= {f"{part}{i}": w for i, layer in enumerate(net.dense) for part, w in zip("wb", layer, strict=True)}
    weights = {name: torch.from_numpy(w) for name, w in named.items()}
    z = networks._forward(kind, torch.from_numpy(inputs.hashed).long(), torch.from_numpy(inputs.numbers), weights)
    np.testing.assert_allclose(net.log_odds(inputs), z.numpy(), rtol=1e-3, atol=1e-4)


def test_compressed_networks_are_smaller_and_say_nearly_the_same():
    rng = np.random.default_rng(0)
    inputs = f.Inputs(
        rng.integers(0, 256, (9_000, 8)).astype(np.int32), rng.normal(size=(9_000, 3)).astype(np.float32),
        np.empty((9_000, 0)),
    )  # fmt: skip
    net = networks.train("deepfm", inputs, inputs.numbers[:, 0] > 0.5, 256, 8, seed=0)
    small = {how: compression.compress(net, how, inputs, 256, 0) for how in compression.COMPRESSIONS}
    assert small["fp32"] is net and small["int8"].table.dtype == np.int8
    assert all(each.nbytes < net.nbytes for how, each in small.items() if how != "fp32")
    for how, least in (("int8", 0.999), ("pruned", 0.8), ("distilled", 0.8)):
        assert np.corrcoef(net.log_odds(inputs), small[how].log_odds(inputs))[0, 1] > least, how


def test_a_hash_is_the_same_in_every_process_and_keeps_to_its_buckets():
    found = f.bucket_of(np.arange(5, dtype=np.uint64), np.zeros(5, np.uint64), 1_000)
    assert found.tolist() == [535, 465, 110, 53, 978]
    many = f.bucket_of(np.arange(100_000, dtype=np.uint64), np.ones(100_000, np.uint64), 64)
    assert np.bincount(many, minlength=64).min() > 1_300  # near 1,562 each


# -- serving ---------------------------------------------------------------------------------------------------------


def test_the_feature_table_holds_the_counters_of_the_snapshot():
    s = stages(canonical(replace(KNOWN, model="lr", features_from="table", refresh_days=28)))
    table, rows = s["table"].value, s["rows"].value
    found, known = table.get_many(np.arange(100))
    assert known.all() and (found == f.counts_of(s["world"].value, rows.test[:100], 14)).all()


def test_a_batch_job_knows_no_ad_born_after_it():
    batch = canonical(replace(KNOWN, model="lr", serving="batch", refresh_days=28))
    s = stages(batch)
    rows, log = s["rows"].value, s["world"].value
    unborn = log.born[rows.test] > log.day[rows.test] - 14
    served, online = s["served"].value, s["online"].value
    assert unborn.any() and (served[unborn] == rows.background).all()
    ahead = s["ahead"].value
    np.testing.assert_allclose(served[~unborn], ahead[~unborn], rtol=1e-5)
    hybrid = stages(replace(batch, serving="hybrid"))["served"].value
    np.testing.assert_allclose(hybrid, np.where(unborn, online, ahead), rtol=1e-5)


def test_a_batch_job_does_not_know_the_moment_of_a_request():
    """The same person and ad at another hour and place: online tells them apart, the store does not."""
    s = stages(canonical(replace(KNOWN, model="lr", serving="batch", refresh_days=1)))
    log, rows = s["world"].value, s["rows"].value
    assert [log.fields[field] for field in log.moment] == ["placement", "hour", "device"]
    codes = log.codes.copy()
    codes[np.ix_(rows.test, log.moment)] = 0  # what was learnt from stays as it is
    parts, asked = [s[name].value for name in ("model", "calibrator", "encoder")], (rows, 1, "all", "lr", 0)
    one, other = (stores.predict_ahead(*parts, each, *asked) for each in (log, replace(log, codes=codes)))
    np.testing.assert_array_equal(one, other)
    assert not np.allclose(one, s["online"].value)


def test_streaming_counters_rise_with_events():
    counters = stores.Counters(np.array([7, 9]), np.array([[1, 2], [3, 4]]))
    counters.raise_(9, 0)
    assert counters.read([9, 7]).tolist() == [[4, 4], [1, 2]] and counters.nbytes > 0
    with pytest.raises(KeyError):
        counters.read([8])


def test_by_hand_a_job_fills_the_store_as_often_as_it_is_refreshed_between_two_trainings(monkeypatch):
    monkeypatch.setattr("core.cases.ad_click.pipeline.own_seconds", lambda *steps: 1.0)  # a fill of one second
    daily, once = (replace(KNOWN, model="lr", serving="batch", retrain_days=28, refresh_days=d) for d in (1, 28))
    assert [_filling_s(design, stages(design)) for design in (daily, once)] == [28.0, 1.0]
    assert _filling_s(replace(KNOWN, features_from="streaming"), {}) == 0.0  # nothing is stored


def test_a_knob_of_serving_trains_nothing_again():
    run(canonical(replace(KNOWN, model="lr")))
    again = run(canonical(replace(KNOWN, model="lr", candidates=5)))
    assert all(step.reused for step in again.steps if step.name in ("train", "load world", "encode"))


# -- auction ---------------------------------------------------------------------------------------------------------


def test_an_auction_by_hand(monkeypatch):
    monkeypatch.setattr(auction, "SPREAD", 0.0)  # every bid is 1
    chance = np.full(40, 0.1)
    chance[3], chance[5] = 0.5, 0.4
    won = auction.hold(chance, np.ones(40), chance, 40, 0.0, seed=0)
    assert won.earned == pytest.approx([0.5 * (0.4 / 0.5) / chance.mean()])
    assert won.sold == pytest.approx([1.0]) and (won.winners == 3).all()
    refused = auction.hold(chance, np.ones(40), chance, 40, 10.0, seed=0)
    assert refused.earned == pytest.approx([10.0]) and refused.sold == pytest.approx([0.0])


@pytest.mark.parametrize("outside", [0.0, 30.0])
def test_the_auction_that_is_shown_ends_as_it_did_among_all(outside):
    rng = np.random.default_rng(1)
    chance, cheap = rng.beta(1, 9, 120), rng.random(120)
    all_of_them = auction.hold(chance, cheap, chance, 10, outside, seed=3)
    bids, unit = auction.bids_of(3, 3), chance.mean()
    for at in range(3):
        one = auction.hold_one(at, chance, cheap, 10, outside * unit, bids[0, at])
        assert (one.rows[0] if one.sold else -1) == all_of_them.winners[0, at]
        assert (np.diff(one.chance * one.bids) <= 0).all() and len(one.rows) == 10
        assert one.price * one.chance[0] == pytest.approx(max((one.chance * one.bids)[1], outside * unit))


def test_the_ceiling_of_takings_is_broken_by_a_wrong_price(monkeypatch):
    once = auction._once

    def dearer(chance, cheap, happened, bids, candidates, outside):
        earned, *rest = once(chance, cheap, happened, bids, candidates, outside)
        return 3 * earned, *rest  # a click costs more than was bid

    assert money.the_best_ad_is_the_ceiling(money.check.lab).holds
    monkeypatch.setattr(auction, "_once", dearer)
    assert not money.the_best_ad_is_the_ceiling(money.check.lab).holds


def test_wrong_chances_lose_nothing_where_nobody_else_bids(monkeypatch):
    lab = money.check.lab
    assert money.wrong_chances_lose_money(lab).holds and money.wrong_way_both(lab).holds
    monkeypatch.setattr(money, "MONEY", replace(money.MONEY, outside=0.0))
    assert not money.wrong_chances_lose_money(lab).holds and not money.wrong_way_both(lab).holds


# -- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exposures.load_world("clicks", 0.0, 0.0, 0), "no data called 'clicks'"),
        (lambda: simulate(-1.0, 0.0, 0), "must not be below 0"),
        (lambda: auction.hold(np.ones(80), np.ones(80), np.ones(80), 41, 0.0, 0), "candidates must be 2 to 40"),
        (lambda: auction.hold(np.ones(9), np.ones(9), np.ones(9), 5, 0.0, 0), "needs 40 exposures"),
        (lambda: calibration.corrected(0.5, 0.0), "share above 0"),
        (
            lambda: calibration.fit_calibrator("spline", np.ones(2), np.array([True, False]), 1.0),
            "no calibrator called",
        ),
        (lambda: calibration.fit_calibrator("platt", np.ones(2), np.zeros(2, bool), 1.0), "a calibrator needs clicks"),
        (lambda: compression.compress(None, "zip", None, 4, 0), "no compression called 'zip'"),
        (lambda: networks.train("rnn", None, None, 4, 2, 0), "no network called 'rnn'"),
        (lambda: linear.logistic(None, np.ones((4, 1)), np.zeros(4, bool), 1.0), "both clicks and exposures"),
        (lambda: metrics.auc_values(np.ones(3), np.ones(3, bool)), "both clicks and exposures"),
    ],
)
def test_what_cannot_be_run_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_sample_without_a_click_says_so(log):
    empty = replace(log, click_day=np.full(len(log.day), -1))
    with pytest.raises(ValueError, match="hold 0 clicks: keep more"):
        f.choose_rows(empty, "time", 0.0, 1.0, seed=0)


def test_unknown_features_and_lags_are_refused(log):
    rows = f.choose_rows(log, "time", 0.0, 0.1, seed=0)
    with pytest.raises(ValueError, match="no feature group 'weather'"):
        f.fit_encoder(log, rows, 0, "weather", 64, False)
    with pytest.raises(ValueError, match="days behind, not 3"):
        f.counts_of(log, rows.test, 3)


def test_a_damaged_file_reaches_the_page_as_a_data_error(monkeypatch):
    MEMO.clear()
    monkeypatch.setattr(
        exposures, "load_coupons", lambda: (_ for _ in ()).throw(DataError("data/coupons.npz is corrupt"))
    )
    with pytest.raises(DataError, match="corrupt"):
        run(AdClick())
    MEMO.clear()


# -- the page --------------------------------------------------------------------------------------------------------


def test_a_replica_holds_the_steps_of_its_calibrator():
    log_odds, clicked = np.arange(6.0), np.array([0, 1, 0, 1, 0, 1], bool)
    curve = calibration.fit_calibrator("isotonic", log_odds, clicked, 1.0)
    assert curve.steps_y.tolist() == [0.0, 0.5, 0.5, 1.0]  # the plateau of four by its two ends
    assert curve.nbytes == 2 * 4 * 8 + 16 and calibration.Calibrator().nbytes == 16
    assert run(AdClick(calibrator="isotonic")).parts_bytes["calibrator"] > 16


def test_the_calibration_panel_says_in_words_what_it_draws():
    shown = run(canonical(replace(KNOWN, model="lr", negatives=0.1))).shown
    table = ad_panels.curve_table(shown)
    assert set(table["curve"]) == {"as served", "predicted = clicked"}
    assert "too many" in ad_panels.calibration_words(shown)
    mended = run(canonical(replace(KNOWN, model="lr", negatives=0.1, calibrator="formula"))).shown
    assert "before recalibration" in set(ad_panels.curve_table(mended)["curve"])


def test_every_model_says_what_it_reads_and_takes():
    assert all(kind.reads and set(kind.knobs) <= {"buckets", "dim", "trees", "compression"} for kind in MODELS.values())


def test_households_are_paired_between_models_of_any_age_and_not_with_those_of_another_split():
    young, old, other = (
        stages(canonical(replace(AdClick(model="lr"), **knobs)))["quality"].value["ne"]
        for knobs in ({"retrain_days": 1}, {"retrain_days": 112}, {"split": "random"})
    )
    assert young.pairs_with(old) and not young.pairs_with(other)
