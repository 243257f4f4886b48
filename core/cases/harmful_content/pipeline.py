"""Harmful content detection from messages to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.cases.harmful_content import data, features
from core.cases.harmful_content.design import HarmfulContent, two_passes
from core.cases.harmful_content.evaluate.money import charged, charged_between
from core.cases.harmful_content.evaluate.quality import grade
from core.cases.harmful_content.evaluate.shown import show
from core.cases.harmful_content.model import heads
from core.cases.harmful_content.model.calibration import calibrate
from core.cases.harmful_content.model.chosen import Model, first_model, main_models, messages
from core.cases.harmful_content.serve import judging, matching, policy, timing
from core.contract.case import SEED, Measurement
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, own_seconds, step


def stages(design: HarmfulContent, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: what the design does not use costs nothing."""
    share = dict(prevalence=design.prevalence)
    mails, posts, learnt = messages(design, seed)
    crowd = step(data.audience, posts, **share, n_timed=timing.N_TIMED, seed=seed)
    bank = step(matching.remember, mails, posts, kind=design.match)
    match = step(matching.match, mails, posts, bank, kind=design.match)

    main = [model.scores for model in main_models(design, seed)]
    calibration = step(calibrate, posts, *main, **share)
    suspected = step(judging.probabilities, calibration, *main)
    first = first_model(design, seed).scores
    first_calibration = step(calibrate, posts, first, **share)
    first_suspected = step(judging.probabilities, first_calibration, first)
    threshold = step(policy.threshold, posts, first_suspected, share=design.band, **share)
    passed = step(judging.pass_on, posts, first_suspected, threshold)

    head_slots = step(features.hash_words, mails, bits=heads.HEAD_BITS)
    head_words = step(features.count_words, mails, posts, head_slots)
    related = design.related if design.heads == "shared" else 1.0
    kinds = step(heads.fit_heads, head_words, posts, kind=design.heads, related=related, seed=seed)

    by_first, by_passed = (first_suspected, passed) if two_passes(design) else (None, None)
    by_match = None if design.match == "none" else match
    classes = None if design.heads == "none" else step(heads.judge_classes, kinds, head_words, posts)
    when = dict(serving=design.serving, delay_min=design.delay_min, refresh_h=design.refresh_h)
    limits = dict(remove_at=design.remove_at, review_at=design.review_at, reviewers=design.reviewers)
    verdict = step(judging.judge, posts, suspected, by_first, by_passed, by_match, similarity=design.similarity, **when)
    store = step(judging.precompute, verdict, name=verdict.key)
    served = step(judging.from_store, store) if design.serving == "batch" else verdict
    met = step(judging.when_shown, served, seed=seed) if design.serving == "batch" else served
    outcome = step(policy.act, served, posts, crowd, classes, **limits, order=design.queue)
    copies = step(matching.near_copies, mails, posts)
    return dict(
        mails=mails, posts=posts, learnt=learnt, crowd=crowd, bank=bank, match=match,
        model=main_models(design, seed)[0].fitted, scores=main[0], calibration=calibration, suspected=suspected,
        first_calibration=first_calibration, first_suspected=first_suspected, threshold=threshold, passed=passed,
        verdict=verdict, store=store, served=served, heads=kinds, head_slots=head_slots, outcome=outcome,
        copies=copies, quality=step(grade, met, outcome, posts, crowd, suspected, classes, copies),
        shown=step(show, mails, posts, crowd, served, outcome, suspected, by_first, by_match, classes,
                   order=design.queue, similarity=design.similarity, **limits, **when, **share),
        reading=step(timing.time_reading, mails, posts, crowd),
        matching=step(timing.time_matching, mails, posts, crowd, bank, kind=design.match),
        telling=step(timing.time_classes, mails, posts, crowd, kinds, head_slots),
        looking=step(timing.time_look_up, store),
        **({} if classes is None else {"classes": classes}),
    )  # fmt: skip


def plan(design: HarmfulContent, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s, models = stages(design, seed), main_models(design, seed)
    shown = s["shown"].value  # first: what a job and its refreshes take is known once its steps have run
    stored = design.serving == "batch"
    timed = _timed(design, s, seed)
    later = _later(design, s, models, timed)
    held = {"store": s["store"]} if stored else _held(design, s, seed)
    encoder_ms = next((later[model.part].value.cpu_ms for model in models if model.encoder), 0.0)
    posts, learnt = s["posts"].value, s["learnt"].value
    n_judged = len(posts.test) if stored else 0  # by the job
    return Plan(
        quality=s["quality"],
        timed=timed,
        passing=lambda part: _reached(design, s, part),
        held=held,
        built=[part for part in held.values() if isinstance(part, Step)],
        n_items=n_judged or len(posts.train) + len(posts.valid),
        n_keys=n_judged,
        store=s["store"] if stored else None,
        refresh_s=_job_s(design, s, models) + n_judged * encoder_ms / 1e3 if stored else 0.0,
        refresh_every_h=design.refresh_h if stored else 0.0,
        answered=lambda: float(
            np.average(policy.views_after(s["served"].value.wait_h), weights=s["crowd"].value.weight)
        ),
        shipped_s=(len(learnt.train) + len(learnt.valid) + n_judged) * encoder_ms / 1e3,
        counts=_counts(design, s, later),
        charged=charged(shown.rates),
        charged_between=charged_between(shown.rates, s["quality"].value, design.prevalence),
        traced=tuple(later.values()),
        shown=shown,
    )


def run(design: HarmfulContent, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file of its data or weights is amiss."""
    return measure(plan, design, seed)


def _timed(design: HarmfulContent, s: dict[str, Step], seed: int) -> dict[str, Step]:
    """The clock of each part of a request, in order."""
    if design.serving == "batch":
        return {"look up": s["looking"]}
    timed, world = {"read": s["reading"]}, (s["mails"], s["posts"], s["crowd"])
    if design.match != "none":
        timed["match"] = s["matching"]
    if two_passes(design):
        timed["first pass"] = first_model(design, seed).timed(timing.time_scoring, world)
    if design.serving == "cascade":
        timed |= {m.part: m.timed(timing.time_passed, world, s["verdict"]) for m in main_models(design, seed)}
    elif design.serving == "online":
        timed |= {m.part: m.timed(timing.time_scoring, world) for m in main_models(design, seed)}
    if design.heads != "none" and design.serving != "hybrid":
        timed["kinds"] = s["telling"]
    return timed


def _reached(design: HarmfulContent, s: dict[str, Step], part: str) -> np.ndarray | None:
    """Which of the timed requests reach a part: known harm goes no further, and some of the rest is not passed on."""
    if part in ("read", "match", "look up"):
        return None
    verdict, timed = s["served"].value, s["crowd"].value.timed
    new = ~verdict.matched[timed]
    return new & verdict.passed[timed] if part == "kinds" and design.serving == "cascade" else new


def _later(
    design: HarmfulContent, s: dict[str, Step], models: tuple[Model, ...], timed: Mapping[str, Step]
) -> dict[str, Step]:
    """Clocks of models that run later, and of MiniLM, to charge for vectors that come made; one that ran counts."""
    later, world = {}, (s["mails"], s["posts"], s["crowd"])
    for model in models:
        if design.serving == "hybrid" or model.encoder:
            ran = model.part in timed and timed[model.part].value.cpu_ms > 0
            later[model.part] = timed[model.part] if ran else model.timed(timing.time_later, world)
    return later


def _held(design: HarmfulContent, s: dict[str, Step], seed: int) -> dict[str, Step | int]:
    """What a replica holds: models with what they read, calibrations, the bank of known harm, the words left unmasked.

    What two of them share is held once.
    """
    held = {"calibration": s["calibration"]}
    for model in main_models(design, seed):
        held |= _held_by(model, model.part)
    if two_passes(design):
        held |= {**_held_by(first_model(design, seed), "first pass"), "its calibration": s["first_calibration"]}
    if design.match != "none":
        held["known harm"] = s["bank"]
    if design.heads != "none":
        held |= {"kinds": s["heads"], "words of kinds": s["head_slots"]}
    once = {part.key: name for name, part in reversed(held.items())}
    vocabulary = sum(len(word) + 8 for word in s["mails"].value.vocabulary)  # a byte a letter, eight for its number
    return {name: part for name, part in held.items() if once[part.key] == name} | {"vocabulary": vocabulary}


def _held_by(model: Model, part: str) -> dict[str, Step]:
    steps = {part: model.fitted, f"reader of {part}": model.reader, "encoder": model.encoder}
    return {name: held for name, held in steps.items() if held is not None}


def _job_s(design: HarmfulContent, s: dict[str, Step], models: tuple[Model, ...]) -> float:
    """CPU seconds of one run of the job over the judged posts, but for vectors that come made."""
    steps = [*(model.scores for model in models), s["suspected"], s["verdict"], s["store"]]
    return own_seconds(*steps, *([s["match"]] if design.match != "none" else []))


def _counts(design: HarmfulContent, s: dict[str, Step], later: Mapping[str, Step]) -> dict[str, float]:
    """Work a post: shares of the platform's posts that reach a stage, and CPU time that no request waits for."""
    verdict, weight = s["served"].value, s["crowd"].value.weight
    counts = {"share judged by the main model": float(np.average(verdict.passed, weights=weight))}
    if design.match != "none":
        counts["share known before"] = float(np.average(verdict.matched, weights=weight))
        counts["known posts compared"] = float(np.average(s["match"].value.compared, weights=weight))
    if design.serving == "hybrid":
        later_ms = sum(clock.value.cpu_ms for clock in later.values())
        counts["CPU ms a post, later"] = counts["share judged by the main model"] * later_ms
    return counts
