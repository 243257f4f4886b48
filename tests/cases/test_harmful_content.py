"""Harmful content detection: what is special to it, its bad input, and every sentence it tells."""

import re
import sys
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from zlib import crc32

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.cases.harmful_content import CASE, HarmfulContent, data
from core.cases.harmful_content.data import SPLIT_HOUR, gathered
from core.cases.harmful_content.evaluate import quality
from core.cases.harmful_content.evaluate.money import CHARGES, charged, charged_between
from core.cases.harmful_content.evaluate.quality import precision_of_harm, recalled
from core.cases.harmful_content.evaluate.rates import Rates
from core.cases.harmful_content.evaluate.walk import Facts, Limits, excerpt, tell
from core.cases.harmful_content.features import count_words, document_weights, hash_words, weighted
from core.cases.harmful_content.model.chosen import first_model, main_models
from core.cases.harmful_content.model.compression import quantised
from core.cases.harmful_content.model.linear import fit_bayes, logistic
from core.cases.harmful_content.pipeline import run, stages
from core.cases.harmful_content.serve import judging, policy
from core.cases.harmful_content.serve.matching import match_one, sign, sign_one
from core.cases.harmful_content.serve.policy import HALF_OF_VIEWS_H, Verdicts, until_job_h, views_after
from core.cases.harmful_content.serve.typed import walk_typed
from core.contract.case import Estimate, Measurement
from core.contract.design import canonical, neighbours
from core.datasets.files import DataError
from core.datasets.mails import Words
from core.formatting import usd_text
from core.runtime.memo import MEMO
from core.serving.cost import assess
from core.serving.scenario import Scenario
from core.stages.store import stores_folder
from core.ui.home import gallery
from core.ui.panels import moderation
from tests.page_driver import open_tab, told, visit

DEFAULT = HarmfulContent()
LIGHT = replace(DEFAULT, fusion="text", heads="none")
SLOW = {
    "cascade minilm": replace(DEFAULT, serving="cascade", model="minilm", band=0.05),
    "cascade both": replace(DEFAULT, serving="cascade", model="both", band=0.02, first="list"),
    "hybrid minilm early": replace(DEFAULT, serving="hybrid", model="minilm", fusion="early", dim=256, first="columns"),
    "batch minilm": replace(DEFAULT, serving="batch", model="minilm", weights="int8"),
    "batch both": replace(DEFAULT, serving="batch", model="both", match="none"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_designs_with_the_sentence_encoder_keep_the_contract(name):
    design = SLOW[name]
    assert canonical(design) == design
    measured = run(design)
    assert len(measured.service_ms) == 1_000 and (measured.service_ms > 0).all()
    np.testing.assert_allclose(sum(measured.parts_ms.values()), measured.service_ms, rtol=1e-6)
    assert 0 < measured.shipped_s < measured.build_s
    assert measured.build_s - measured.shipped_s <= sum(record.cpu_s for record in measured.steps) + 1e-9


# Time: nothing is learnt from what came later, nothing is judged before it came.


def test_nothing_learnt_from_is_newer_than_the_split_or_the_models_age():
    for age in (0, 14):
        posts = stages(replace(DEFAULT, age_d=age))["posts"].value
        assert posts.hour[np.concatenate([posts.train, posts.valid])].max() < SPLIT_HOUR - 24 * age
        assert posts.hour[posts.test].min() >= SPLIT_HOUR
        assert posts.hour[posts.train].max() <= posts.hour[posts.valid].min()
        assert len(posts.train) + len(posts.valid) == 1_800


def test_a_batch_verdict_falls_at_the_first_run_after_the_post():
    s = stages(replace(DEFAULT, serving="batch", refresh_h=24))
    posts, served = s["posts"].value, s["served"].value
    assert (served.wait_h > 0).all() and (served.wait_h <= 24).all()
    runs = posts.hour[posts.test] + served.wait_h
    np.testing.assert_allclose((runs - 2) % 24 % 24, 0, atol=0.02)  # the store holds 32-bit numbers
    assert until_job_h(np.array([1.0, 2.0, 3.0]), 24).tolist() == [1.0, 24.0, 23.0]


def test_by_hand_a_post_that_no_job_has_reached_when_it_is_shown_ranks_below_all_judged_ones():
    n, made = 4_000, np.linspace(0.0, 4.0, 4_000)
    nothing = np.zeros(n, bool)
    at_once, never, six = (
        judging.when_shown(Verdicts(made, made, nothing, nothing, np.full(n, wait_h)), seed=0)
        for wait_h in (0.0, np.inf, HALF_OF_VIEWS_H)
    )
    assert (at_once.rank == made).all() and (never.rank == judging.UNJUDGED).all()
    assert (six.rank == made).mean() == pytest.approx(0.5, abs=0.03)  # half of the views have come by then
    assert views_after(np.array([0.0, 6.0, 12.0])).tolist() == [1.0, 0.5, 0.25]


def test_batch_serves_what_the_job_wrote_and_survives_a_restart_and_damage():
    design = replace(LIGHT, serving="batch")
    before = run(design).quality
    (file,) = stores_folder().glob("*.sqlite")
    MEMO.clear()
    assert run(design).quality["ap"].value == before["ap"].value
    file.write_bytes(file.read_bytes()[:5_000])
    MEMO.clear()
    assert run(design).quality["ap"].value == before["ap"].value
    assert "rebuilt" in stages(design)["store"].value.note


def test_what_is_judged_at_night_counts_as_missed_where_it_is_shown_before():
    online, batch = run(LIGHT), run(replace(LIGHT, serving="batch", refresh_h=24))
    assert online.answered == 1.0 and 0.1 < batch.answered < 0.5
    assert batch.quality["ap"].high < online.quality["ap"].low
    weekly = run(replace(LIGHT, serving="batch", refresh_h=168))
    assert weekly.answered < batch.answered and weekly.quality["ap"].value < batch.quality["ap"].value


def test_the_first_run_of_a_job_is_charged_what_the_next_one_is():
    design = replace(LIGHT, serving="batch")
    MEMO.clear()
    first, again = run(design), run(design)
    assert first.refresh_s == again.refresh_s > 0 and first.build_s == again.build_s


# Learning from fewer messages.


def test_smaller_samples_lie_within_larger_ones_and_hold_training_messages_alone():
    posts = stages(DEFAULT)["posts"].value
    shares = (0.1, 0.25, 0.5, 1.0)
    found = [stages(replace(DEFAULT, learnt_from=share))["learnt"].value for share in shares]
    assert [len(each.train) for each in found] == [144, 360, 720, 1_440]
    for small, large in pairwise(found):
        assert set(small.train) < set(large.train) and (np.diff(small.train) > 0).all()
    for each in found:
        assert each.valid is posts.valid and each.test is posts.test and each.taught is posts.taught
    np.testing.assert_array_equal(found[-1].train, posts.train)


def test_the_sample_is_the_seeds():
    posts = stages(DEFAULT)["posts"].value
    one, again, other = (data.learn_from(posts, 0.25, seed).train for seed in (0, 0, 1))
    assert np.array_equal(one, again) and not np.array_equal(one, other)


def test_fewer_messages_change_the_models_of_harm_and_nothing_else():
    whole, tenth = stages(DEFAULT), stages(replace(DEFAULT, learnt_from=0.1))
    for name in ("posts", "crowd", "bank", "match", "heads"):
        assert tenth[name].key == whole[name].key
    ap = [run(replace(DEFAULT, learnt_from=share)).quality["ap"].per_query for share in (1.0, 0.1)]
    assert len(ap[0]) == len(ap[1]) and ap[1].mean() < ap[0].mean()
    passes = [first_model(replace(DEFAULT, serving="cascade", learnt_from=share)).scores for share in (1.0, 0.1)]
    assert not np.array_equal(passes[0].value, passes[1].value)


def test_a_sample_of_one_kind_is_told():
    posts = stages(DEFAULT)["posts"].value
    harmless = replace(posts, taught=np.zeros_like(posts.taught))
    with pytest.raises(ValueError, match="144 messages to learn from hold 0 harmful ones: keep more"):
        data.learn_from(harmless, 0.1, 0)


# One post at a time says what the whole world said.


@pytest.mark.parametrize("model", ["list", "bayes", "hashed", "pieces"])
@pytest.mark.parametrize("fusion", ["late", "early"])
@pytest.mark.parametrize("weights", ["float32", "int8"])
def test_a_request_gets_the_score_that_the_evaluation_graded(model, fusion, weights):
    design = replace(DEFAULT, model=model, fusion=fusion, weights=weights, planted=0.1)
    if canonical(design) != design:
        pytest.skip("not on offer")
    s = stages(design)
    mails, posts = s["mails"].value, s["posts"].value
    n_valid = len(posts.valid)
    for chosen in main_models(design):
        score = chosen.scorer()
        for i in (0, 7, 500, 3_000):
            post = data.post_of(mails, posts, posts.test[i])
            assert score(post) == pytest.approx(chosen.scores.value[n_valid + i], abs=2e-3)


def test_a_request_gets_the_kinds_and_the_match_that_the_evaluation_graded():
    s = stages(DEFAULT)
    mails, posts = s["mails"].value, s["posts"].value
    kinds = s["heads"].value.scorer(s["head_slots"].value)
    for i in (0, 11, 900):
        post = data.post_of(mails, posts, posts.test[i])
        np.testing.assert_allclose(kinds(post), s["classes"].value[i], atol=1e-4)
        assert match_one(post.body, s["bank"].value, "minhash")[0] == s["match"].value.likeness[i]


# Worked by hand.


def test_precision_at_each_harmful_post_by_hand():
    rank, harmful = np.array([0.9, 0.8, 0.8, 0.1]), np.array([True, False, True, True])
    np.testing.assert_allclose(precision_of_harm(rank, harmful, np.ones(4)), [1, 2 / 3, 3 / 4])
    np.testing.assert_allclose(precision_of_harm(rank, harmful, np.array([1, 3.0, 1, 1])), [1, 2 / 5, 3 / 6])
    assert recalled(rank, harmful, np.array([1, 2 / 3, 3 / 4])).tolist() == [True, False, False]


def test_average_precision_agrees_with_scikit_learn():
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(0)
    harmful, rank, weight = rng.random(500) < 0.3, rng.random(500).round(2), None
    ours = precision_of_harm(rank, harmful, np.ones(500)).mean()
    grouped = average_precision_score(harmful, rank, sample_weight=weight)
    assert ours == pytest.approx(grouped, abs=1e-12)


def test_signatures_estimate_likeness_and_one_by_one_they_are_the_same():
    rng = np.random.default_rng(0)
    one = rng.integers(0, 9_000, 100).astype(np.uint16)
    half = one.copy()
    half[60:] = rng.integers(0, 9_000, 40)
    texts = Words(np.concatenate([one, half]), np.array([0, 100, 200]))
    signatures = sign(texts)
    np.testing.assert_array_equal(signatures[1], sign_one(half))
    runs = [{tuple(w[i : i + 3]) for i in range(98)} for w in (one.tolist(), half.tolist())]
    true = len(runs[0] & runs[1]) / len(runs[0] | runs[1])
    assert abs((signatures[0] == signatures[1]).mean() - true) < 0.2


def test_near_copies_share_a_number_and_other_posts_have_one_of_their_own():
    s = stages(DEFAULT)
    mails, posts, copies = s["mails"].value, s["posts"].value, s["copies"].value
    bodies = [mails.bodies.of(row).tobytes() for row in posts.source[posts.test]]
    number_of = {}
    for body, number in zip(bodies, copies.tolist(), strict=True):
        if len(body) >= 2 * 8:  # words of two bytes: a shorter body is nobody's copy
            assert number_of.setdefault(body, number) == number
    assert len(set(bodies)) > len(set(copies.tolist())) > 0.8 * len(bodies)  # some are only nearly alike


def test_recall_is_at_the_threshold_that_validation_chose():
    s = stages(DEFAULT)
    posts, suspected, verdict, crowd = (s[name].value for name in ("posts", "suspected", "served", "crowd"))
    harmful = posts.harmful[posts.test]
    share = quality.prevalence(harmful, crowd.weight)
    least = quality.validated_threshold(suspected, posts, share)
    known, taught = suspected[: len(posts.valid)], posts.taught[posts.valid]
    weight = np.where(taught, share / taught.mean(), (1 - share) / (1 - taught.mean()))
    precision = {t: np.average(taught[known >= t], weights=weight[known >= t]) for t in known.tolist()}
    assert least == min(t for t, value in precision.items() if value >= 0.9 and t in known[taught])
    assert s["quality"].value["recall"].value == (verdict.probability[harmful] >= least).mean()
    shuffled = np.concatenate([known, np.random.default_rng(0).permutation(suspected[len(posts.valid) :])])
    assert quality.validated_threshold(shuffled, posts, share) == least


def test_near_copies_are_those_that_datasketch_finds():
    from datasketch import MinHash, MinHashLSH

    s = stages(DEFAULT)
    mails, posts, likeness = s["mails"].value, s["posts"].value, s["match"].value.likeness
    blank = MinHash(num_perm=64, hashfunc=crc32, scheme="affine32")

    def signed(row):
        words, signature = mails.bodies.of(posts.source[row]), blank.copy()
        signature.update_batch([words[i : i + 3].tobytes() for i in range(len(words) - 2)])
        return signature

    def long(rows):
        return rows[np.diff(mails.bodies.ends)[posts.source[rows]] >= 8]

    learnt_from = np.concatenate([posts.train, posts.valid])
    known = [signed(row) for row in long(learnt_from[posts.taught[learnt_from]])]
    index = MinHashLSH(num_perm=64, params=(16, 4))
    for i, signature in enumerate(known):
        index.insert(i, signature)
    theirs = np.zeros(len(posts.test))
    for row in long(posts.test):
        signature = signed(row)
        alike = [signature.jaccard(known[i]) for i in index.query(signature)]
        theirs[np.searchsorted(posts.test, row)] = max(alike, default=0.0)
    ours, others = likeness >= 0.5, theirs >= 0.5
    assert (ours & others).sum() > 0.9 * max(ours.sum(), others.sum()) > 100
    np.testing.assert_allclose(likeness[ours & others], theirs[ours & others], atol=0.25)  # 64 hashes each


def test_lists_are_gathered_in_the_order_asked():
    lists = Words(np.array([5, 6, 7, 8], np.uint16), np.array([0, 1, 1, 4]))
    found = gathered(lists, np.array([2, 1, 0, 2]))
    assert found.ids.tolist() == [6, 7, 8, 5, 6, 7, 8] and found.ends.tolist() == [0, 3, 3, 4, 7]


def test_rows_have_unit_length_and_an_empty_one_stays_empty():
    counts = csr_array(np.array([[1.0, 0, 1, 0], [0, 0, 0, 0]], np.float32))
    rows = weighted(counts, np.array([3.0, 1, 4, 1], np.float32)).toarray()
    np.testing.assert_allclose(rows, [[0.6, 0, 0.8, 0], [0, 0, 0, 0]], atol=1e-6)


def test_words_of_one_post_of_many_and_of_scikit_learns_own_chain_are_the_same_row():
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.pipeline import make_pipeline

    s = stages(DEFAULT)
    mails, posts = s["mails"].value, s["posts"].value
    slots = hash_words(mails, 10)
    counts = count_words(mails, posts, slots)
    idf = document_weights(counts, len(posts.train))

    def words(row):
        parts = ("subject", mails.subjects.of(row)), ("body", mails.bodies.of(row))
        return [f"{part} {mails.vocabulary[i]}" for part, ids in parts for i in ids.tolist()]

    vectorizer = HashingVectorizer(analyzer=words, n_features=1 << 10, alternate_sign=False, norm=None)
    chain = make_pipeline(vectorizer, TfidfTransformer(sublinear_tf=True)).fit(posts.source[posts.train])
    judged = posts.used[-50:]
    theirs, many = chain.transform(posts.source[judged]).toarray(), weighted(counts[-50:], idf).toarray()
    np.testing.assert_allclose(many, theirs, atol=1e-6)
    for i, row in enumerate(judged):
        places, values = slots.read(data.post_of(mails, posts, row), idf)
        one = np.zeros(1 << 10)
        one[places] = values
        np.testing.assert_allclose(one, many[i], atol=1e-6)


def test_weights_of_eight_bits_are_off_by_half_a_step():
    model = stages(LIGHT)["model"].value
    small = quantised(model)
    assert small.weights.dtype == np.int8
    assert np.abs(small.floats - model.weights).max() <= small.step / 2 + 1e-7


def test_what_a_post_is_charged_by_hand():
    rates = Rates(20, 10, 4.0, 2.0, 15, 3.0, 100, 5)
    # of a thousand posts: 3 reviews, 2 wrong removals, harm in the views of 4 posts of 100 views each
    assert charged(rates) == pytest.approx({"review_usd": 0.003, "wrong_usd": 0.002, "harm_usd": 0.0004})
    assert {each.name: each.usd for each in CHARGES}["review_usd"] == pytest.approx(25 * 30 / 3600)


def test_reviewers_and_mistakes_are_in_the_cost_of_a_month():
    measured = run(DEFAULT)
    taken = assess(measured, Scenario(CASE.requirements))
    rates, posts = measured.shown.rates, 500e6 * 730 / 24
    assert taken.usd_per_month["reviewers"] == pytest.approx(posts * rates.reviewed / 1_000 * 25 * 30 / 3600)
    assert taken.usd_per_month["wrong removals"] == pytest.approx(posts * rates.wrongly_removed / 1_000 * 0.5)
    assert taken.beside_machines == ("reviewers", "wrong removals", "harm seen")
    apart = sum(taken.usd_per_month[part] for part in taken.beside_machines)
    assert taken.total_usd == pytest.approx(taken.machines_usd + apart) and taken.machines_usd > 0
    paid = min(taken.usd_per_month["reviewers"], taken.usd_per_month["harm seen"])
    assert 50 * taken.machines_usd < paid  # what the page says of the load and the prices it opens with


@pytest.mark.slow
def test_a_price_of_a_review_set_in_the_link_counts_on_the_page(monkeypatch):
    monkeypatch.setattr(gallery, "SAMPLE", 0)

    def page(**link):
        app = open_tab(visit(CASE, link), CASE, "Metrics")
        assert not app.exception and not app.error and not app.warning
        return app, told(app)

    _, ours = page()
    app, theirs = page(assume_review_usd="7.5")
    assert app.query_params["assume_review_usd"] == "7.5"
    rates = run(DEFAULT).shown.rates
    paid = [usd_text(500e6 * 730 / 24 * rates.reviewed / 1_000 * usd) for usd in (25 * 30 / 3600, 7.5)]
    assert paid[0] in ours and paid[1] not in ours
    assert paid[1] in theirs and paid[0] not in theirs


def test_reviewers_take_no_more_than_they_have_time_for_each_day():
    design = replace(DEFAULT, reviewers=2, review_at=0.01)
    s = stages(design)
    posts, crowd, outcome = s["posts"].value, s["crowd"].value, s["outcome"].value
    day = (posts.hour[posts.test] // 24).astype(int)
    spent, room = (np.bincount(day - day.min(), w) for w in (outcome.reviewed * crowd.weight, crowd.weight * 0.002))
    assert (spent <= room + 1e-9).all() and spent.sum() > 0
    assert not (outcome.reviewed[~outcome.queued] > 0).any() and not (outcome.queued & outcome.removed).any()


# The world.


def test_planted_pictures_change_no_text_and_balance_every_part():
    s = stages(replace(DEFAULT, planted=0.3))
    plain, posts = stages(DEFAULT)["posts"].value, s["posts"].value
    np.testing.assert_array_equal(plain.source, posts.source)
    np.testing.assert_array_equal(plain.columns[:, :-2], posts.columns[:, :-2])
    planted = posts.planted
    assert not plain.harmful[planted].any() and posts.harmful[planted].mean() == pytest.approx(0.5, abs=0.01)
    for column in (-2, -1):
        under = planted & (posts.columns[:, column] > 0)
        assert posts.harmful[under].mean() == pytest.approx(0.5, abs=0.01)
    assert (posts.harmful == plain.harmful)[~planted].all()


def test_weights_make_harm_as_rare_as_the_dial_says():
    s = stages(replace(DEFAULT, prevalence=0.005))
    posts, crowd = s["posts"].value, s["crowd"].value
    share = np.average(posts.harmful[posts.test], weights=crowd.weight)
    assert share == pytest.approx(0.005) and crowd.weight.mean() == pytest.approx(1)
    assert posts.harmful[posts.test][crowd.timed].mean() < 0.02


def test_reports_are_wrong_as_often_as_told_and_the_truth_stays():
    posts = stages(replace(DEFAULT, reports=1.0))["posts"].value
    assert (~posts.taught[posts.harmful]).mean() == pytest.approx(0.4, abs=0.04)
    assert posts.taught[~posts.harmful].mean() == pytest.approx(0.1, abs=0.03)


def test_the_encoder_does_not_stand_before_every_post():
    assert canonical(replace(DEFAULT, model="minilm")).model == "hashed"
    assert canonical(replace(DEFAULT, serving="cascade", model="minilm")).model == "minilm"
    assert canonical(replace(DEFAULT, serving="cascade", band=1.0)).band == 0.1
    assert canonical(replace(DEFAULT, fusion="early", model="list")).model == "hashed"
    assert all(canonical(d) == d for _, d in neighbours(DEFAULT))


def test_a_cascade_runs_its_main_model_only_on_what_is_passed():
    measured = run(replace(LIGHT, serving="cascade", match="none"))
    passed = measured.parts_ms["text"] > 0
    assert 0.02 < passed.mean() < 0.4
    assert (measured.parts_ms["first pass"] > 0).all()


def test_known_harm_goes_no_further():
    s, measured = stages(DEFAULT), run(DEFAULT)
    known = s["served"].value.matched[s["crowd"].value.timed]
    assert known.any()
    for name in ("text", "metadata", "kinds"):
        assert (measured.parts_ms[name][known] == 0).all() and (measured.parts_ms[name][~known] > 0).all()


def test_turning_a_threshold_runs_no_model_again():
    run(replace(LIGHT, remove_at=0.9))
    again = {record.name: record.reused for record in run(replace(LIGHT, remove_at=0.5)).steps}
    anew = {name for name, reused in again.items() if not reused}
    assert anew == {"act", "grade"}


# Bad input.


@pytest.mark.parametrize("body", ["", " \n\t ", "\x00\x01\x07\x1b", "\u202e\u200b\ufeff", "\x7f" * 1_000_000])
def test_a_message_with_nothing_to_read_is_told(body):
    with pytest.raises(ValueError, match="nothing to read in this message"):
        walk_typed(DEFAULT, "", body)


def test_a_message_of_a_megabyte_is_cut_and_judged():
    walk = walk_typed(DEFAULT, "s" * 10_000, "free money click now " * 50_000)
    assert "first 20,000 characters" in walk.truth
    assert walk.told[-1].stage == "Decision" and len(walk.excerpt) < 1_000


@pytest.mark.parametrize("serving", ["online", "cascade", "hybrid", "batch"])
def test_hostile_markup_is_text_and_no_host_or_address_is_told(serving):
    body = (
        '<script>alert("x")</script><img src=x onerror=alert(1)> write to me@home.org or http://evil.example/a </div>'
    )
    walk = walk_typed(replace(DEFAULT, serving=serving), "<b>Hi</b> Bob Miller", body)
    told = " ".join([walk.subject, walk.excerpt, walk.truth, *(each.said for each in walk.told)])
    assert not any(part in told for part in ("<", ">", "alert", "evil", "me@", "home.org"))


def test_markup_and_nothing_else_is_read_as_text():
    walk = walk_typed(DEFAULT, "", "<script>alert(1)</script>")
    assert walk.excerpt and walk.told[-1].stage == "Decision"


def test_a_scam_is_told_from_a_question():
    scam = walk_typed(
        replace(DEFAULT, match="none"),
        "Approved!",
        "You are approved for a mortgage at 3 %. Act now, click here, free!",
    )
    talk = walk_typed(
        replace(DEFAULT, match="none"), "Re: kernel", "I installed the new kernel and the script still fails. Any idea?"
    )
    assert "removed" in scam.told[-1].said or "queued" in scam.told[-1].said
    assert "stays up" in talk.told[-1].said


def test_what_is_queued_is_told_to_be_seen_meanwhile():
    facts, limits = Facts(0.0, None, True, 0.4, ()), Limits("online", 0.5, 0.9, 0.05, 5, 10, 24)
    assert "seen until one has read it" in tell(facts, limits)[-1].said
    assert "before anybody sees it" in tell(replace(facts, main=0.95), limits)[-1].said
    assert "10 min after it was shown" in tell(replace(facts, main=0.95), replace(limits, serving="hybrid"))[-1].said
    assert "stays up" in tell(facts, replace(limits, reviewers=0))[-1].said


def test_the_queue_shows_its_head_in_the_order_of_the_knob():
    for order in ("score", "severity"):
        design = replace(DEFAULT, queue=order, reviewers=2)
        s = stages(design)
        found, outcome = s["shown"].value.queue, s["outcome"].value
        assert 0 < len(found.first) <= found.waiting <= outcome.queued.sum()
        reached = [each.reached for each in found.first]
        assert reached == sorted(reached, reverse=True)
        if order == "score":
            likely = [each.probability for each in found.first]
            assert likely == sorted(likely, reverse=True)
    assert stages(replace(DEFAULT, reviewers=0))["shown"].value.queue is None


def test_kinds_are_told_with_as_many_posts_as_there_are():
    s = stages(DEFAULT)
    posts, kinds = s["posts"].value, s["shown"].value.kinds
    assert [each.n_posts for each in kinds] == posts.classes[posts.test].sum(axis=0).tolist()
    assert all(0 <= each.recall <= 1 and 0 < each.precision <= 1 for each in kinds)
    assert kinds[1].precision == pytest.approx(s["quality"].value["rare"].value)
    assert stages(replace(DEFAULT, heads="none"))["shown"].value.kinds == ()


def test_no_message_that_the_page_can_show_tells_a_name_a_number_or_a_host():
    s = stages(DEFAULT)
    mails, posts = s["mails"].value, s["posts"].value
    for row in posts.test:
        for words in (mails.subjects.of(row), mails.bodies.of(row)):
            told = excerpt(mails, words)
            assert not re.search(r"[0-9@<>#]|://|www\.|\.(?:com|net|org)\b", told), told
            assert not {"john", "smith", "tom", "mary", "skip"} & set(re.findall(r"[a-z']+", told)), told


@pytest.mark.parametrize("field", [0, 1])
def test_a_typed_address_number_and_greeted_name_are_masked(field):
    text = "Dear John Smith, call +49 30 1234567 or write to bob.miller@home.org, see http://evil.example/x"
    typed = ["Hello", "there"]
    typed[field] = text
    walk = walk_typed(DEFAULT, *typed)
    shown = f"{walk.subject} {walk.excerpt}"
    assert "[name]" in shown and "[email]" in shown
    assert not any(part in shown for part in ("john", "smith", "bob", "miller", "home", "evil", "123"))


def test_explicit_words_and_markup_never_reach_the_page():
    for design in (DEFAULT, replace(DEFAULT, planted=0.1, serving="hybrid", reviewers=0)):
        for walk in run(design).shown.walks:
            assert "#" not in walk.excerpt + walk.subject and "<" not in walk.excerpt


def first_screen(monkeypatch, design):
    """The markup of the first screen's one message under a design, or in a measurement, beside the baseline."""
    shown = []
    monkeypatch.setattr(moderation, "html", shown.append)
    measured = design if isinstance(design, Measurement) else run(canonical(design))
    present, baseline = (SimpleNamespace(measured=each) for each in (measured, run(CASE.baseline)))
    moderation.one_request(SimpleNamespace(present=present, baseline=baseline))
    return shown[0]


def test_the_first_screen_follows_one_message_under_every_design(monkeypatch):
    queued, removed, alone = (
        first_screen(monkeypatch, replace(DEFAULT, **moved)) for moved in ({}, {"remove_at": 0.5}, {"reviewers": 0})
    )
    heads = {page.split("<h4>")[1].split("</h4>")[0] for page in (queued, removed, alone)}
    assert len(heads) == 1 and "[" not in heads.pop()
    assert "queued for a reviewer" in queued and "review 0.05" in queued and "remove 0.9" in queued
    assert "removed: at or above 0.5" in removed and "remove 0.5" in removed
    assert "review 0" not in alone and "stays up: below 0.9" in alone
    assert 'aria-label="P(harm) 0.' in queued and "<dt>Baseline</dt>" in queued


def test_a_message_that_never_meets_the_main_model_has_no_score_on_the_first_screen(monkeypatch):
    cascade = run(canonical(replace(DEFAULT, serving="cascade", first="list", band=0.02)))
    stopped = next(walk for walk in cascade.shown.walks if any("never sees it" in told.said for told in walk.told))
    one = replace(cascade.shown.one, walk=stopped, probability=None)
    cascade = replace(cascade, shown=replace(cascade.shown, one=one))
    page = first_screen(monkeypatch, cascade)
    assert 'kp-score" role' not in page and "never sees it" in page and "first stage" in page


@pytest.mark.slow
def test_a_visitor_types_a_message_on_the_page(monkeypatch):
    monkeypatch.setattr(gallery, "SAMPLE", 0)
    app = open_tab(visit(CASE), CASE, "Examples")

    def judged(subject, body):
        app.text_input(key="harmful_content.subject").set_value(subject)
        app.text_area(key="harmful_content.body").set_value(body)
        next(button for button in app.button if button.label == "Judge it").click().run()
        assert not app.exception and not app.error
        return [text.value for text in app.markdown if 'class="kp-post"' in text.value]

    cards = judged("Re: kernel", "The kernel <img src=x onerror=alert(1)> `script` *still* fails. [link](x) $a$")
    assert len(cards) == 2 and "stays up" in cards[-1]
    assert not any(mark in cards[-1].split("<h4>")[1] for mark in ("<img", "onerror", "`", "*still", "](", "$a"))
    assert len(judged("", "\x00\x07")) == 1
    assert "nothing to read" in app.warning[0].value
    assert "first 20,000 characters" in judged("Hello", "free money " * 95_000)[-1]


def test_labels_of_one_kind_are_told():
    with pytest.raises(ValueError, match="posts of both kinds"):
        logistic(np.eye(3), np.array([True, True, True]), 1.0)
    posts = stages(DEFAULT)["posts"].value
    with pytest.raises(ValueError, match="posts of both kinds"):
        fit_bayes(csr_array(np.ones((len(posts.used), 4))), replace(posts, taught=np.ones_like(posts.taught)))


def test_a_missing_data_file_is_one_clear_message(monkeypatch):
    def missing():
        raise DataError("data/mails.npz is missing in data; `git checkout -- data/mails.npz` brings it back")

    monkeypatch.setattr(sys.modules[main_models.__module__], "load_mails", missing)
    MEMO.clear()
    with pytest.raises(DataError, match=r"data/mails.npz is missing.*git checkout"):
        run(DEFAULT)


def test_a_bank_without_known_harm_finds_nothing():
    s = stages(DEFAULT)
    bank = s["bank"].value
    empty = type(bank)(bank.checksums[:0], bank.signatures[:0], bank.keys[:0], bank.owners[:0])
    assert match_one(np.arange(30, dtype=np.uint16), empty, "minhash") == (0.0, 0)
    assert match_one(np.arange(30, dtype=np.uint16), empty, "exact") == (0.0, 1)
    assert match_one(np.arange(3, dtype=np.uint16), bank, "minhash") == (0.0, 0)


def test_no_reviewer_reaches_anything_where_nothing_is_queued():
    s = stages(DEFAULT)
    verdict, posts, crowd = s["served"].value, s["posts"].value, s["crowd"].value
    outcome = policy.act(
        replace(verdict, probability=np.zeros(len(verdict.rank))), posts, crowd, None, 0.9, 0.1, 5, "score"
    )
    assert not outcome.removed.any() and not outcome.reviewed.any() and not outcome.stopped.any()


def test_by_hand_what_wrong_removals_may_cost_although_none_was_seen():
    """Up to 0.1 % of the harmless posts among 15.2 billion a month, at half a dollar each: $7.4 million."""
    rates = Rates(20, 10, 4.0, 0.0, 15, 3.0, 100, 5, harm_posted=10.0)
    share = {"wronged": Estimate(0.0, 0.0, 0.001, np.zeros(9)), "stopped": Estimate(0.6, 0.5, 0.7, np.zeros(9))}
    between = charged_between(rates, share, 0.02)
    assert between["wrong_usd"] == (0.0, pytest.approx(0.001 * 0.98))
    assert 15.2e9 * between["wrong_usd"][1] * 0.5 == pytest.approx(7.448e6)
    # of harm in the views of 10 posts of 100 views each, between 30 and 50 % are seen, and 40 % were
    assert between["harm_usd"] == (pytest.approx(0.0003), pytest.approx(0.0005))
    assert charged(rates)["harm_usd"] == pytest.approx(0.0004)


def test_the_bill_has_an_upper_end_for_wrong_removals_of_which_none_was_seen():
    measured = run(HarmfulContent())
    taken = assess(measured, Scenario(CASE.requirements))
    low, high = taken.between["wrong removals"]
    assert taken.usd_per_month["wrong removals"] == 0 == low and 5e6 < high < 15e6
    assert taken.total_between[0] < taken.total_usd < taken.total_between[1]
    assert taken.harm_usd == taken.usd_per_month["wrong removals"] + taken.usd_per_month["harm seen"]
    assert taken.people_usd == taken.usd_per_month["reviewers"]
