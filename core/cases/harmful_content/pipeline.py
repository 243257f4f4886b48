"""Harmful content detection from messages to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.harmful_content import data, features
from core.cases.harmful_content.design import COUNTED, HarmfulContent, two_passes
from core.cases.harmful_content.evaluate import money
from core.cases.harmful_content.evaluate.quality import grade
from core.cases.harmful_content.evaluate.shown import show
from core.cases.harmful_content.model import joint, linear, trees
from core.cases.harmful_content.model.heads import HEAD_BITS, fit_heads, judge_classes
from core.cases.harmful_content.serve import judging, matching, policy, timing
from core.contract.case import SEED, Measurement
from core.datasets.mails import load_mail_vectors, load_mails
from core.datasets.minilm import load_minilm, load_word_pieces
from core.runtime.memo import Step, build_seconds, nbytes, own_seconds, recording, step, trace


@dataclass(frozen=True)
class Part:
    """One model of a verdict: what was fitted, what it reads a post with, and its scores."""

    name: str  # of the part of a request
    kind: str
    fitted: Step
    reads: tuple[Step, ...]
    scores: Step

    def timed(self, how: Any, *inputs: Step) -> Step:
        """A clock on this part."""
        return step(how, *inputs, self.fitted, *self.reads, kind=self.kind)


def stages(design: HarmfulContent, seed: int = SEED) -> dict[str, Any]:
    """Every stage of a design by name. Steps are lazy: what the design does not use costs nothing."""
    share = dict(prevalence=design.prevalence)
    mails = step(load_mails)
    dials = dict(order=design.order, age_d=design.age_d, reports=design.reports, planted=design.planted)
    posts = step(data.make_posts, mails, **dials, seed=seed)
    crowd = step(data.audience, posts, **share, n_asked=timing.N_TIMED, seed=seed)

    bank = step(matching.remember, mails, posts, kind=design.match)
    match = step(matching.match, mails, posts, bank, kind=design.match)
    matched = () if design.match == "none" else (match,)

    learnt = step(data.learn_from, posts, share=design.learnt_from, seed=seed)
    main = main_parts(design, mails, learnt, seed)
    calibration = step(judging.calibrate, posts, *(part.scores for part in main), **share)
    suspected = step(judging.probabilities, calibration, *(part.scores for part in main))

    first = first_part(design, mails, learnt, seed)
    first_calibration = step(judging.calibrate, posts, first.scores, **share)
    first_suspected = step(judging.probabilities, first_calibration, first.scores)
    threshold = step(policy.threshold, posts, first_suspected, share=design.band, **share)
    passed = step(judging.pass_on, posts, first_suspected, threshold)

    passes = two_passes(design)
    handed = (first_suspected, passed) if passes else ()
    when = dict(serving=design.serving, delay_min=design.delay_min, refresh_h=design.refresh_h)
    verdict = step(
        judging.judge, posts, suspected, *handed, *matched, passes=passes, similarity=design.similarity, **when
    )
    store = step(judging.precompute, verdict, name=verdict.key)
    served = step(judging.from_store, store) if design.serving == "batch" else verdict

    head_slots = step(features.hash_words, mails, bits=HEAD_BITS)
    head_words = step(features.count_words, mails, posts, head_slots)
    related = design.related if design.heads == "shared" else 1.0
    heads = step(fit_heads, head_words, posts, kind=design.heads, related=related, seed=seed)
    classes = () if design.heads == "none" else (step(judge_classes, heads, head_words, posts),)

    limits = dict(remove_at=design.remove_at, review_at=design.review_at, reviewers=design.reviewers)
    outcome = step(judging.act, served, posts, crowd, *classes, **limits, order=design.queue)
    clocks = dict(
        read=step(timing.time_reading, mails, posts, crowd),
        match=step(timing.time_matching, mails, posts, crowd, bank, kind=design.match),
        kinds=step(timing.time_classes, mails, posts, crowd, heads, head_slots),
    )
    clocks |= {"first pass": first.timed(timing.time_scoring, mails, posts, crowd)}
    clocks |= {"look up": step(timing.time_look_up, store)}
    return dict(
        mails=mails, posts=posts, learnt=learnt, crowd=crowd, bank=bank, match=match, main=main,
        calibration=calibration, suspected=suspected, first=first,
        first_calibration=first_calibration, first_suspected=first_suspected,
        threshold=threshold, passed=passed, verdict=verdict, store=store, served=served, heads=heads,
        head_slots=head_slots, classes=classes, outcome=outcome, clocks=clocks,
        quality=step(grade, served, outcome, posts, crowd, *classes, seed=seed),
        shown=step(show, mails, posts, crowd, served, outcome, suspected, *handed[:1], *matched, *classes,
                   passes=passes, order=design.queue, similarity=design.similarity, **limits, **when, **share),
    )  # fmt: skip


def main_parts(design: HarmfulContent, mails: Step, posts: Step, seed: int) -> tuple[Part, ...]:
    """The models of the main verdict: of the text, of the columns, of both apart, or of both at once."""
    if design.fusion == "columns":
        return (column_part(posts, seed),)
    kinds = ("hashed", "minilm") if design.model == "both" else (design.model,)
    if design.fusion == "early":
        return (text_part(design, kinds[0], mails, posts, both=True),)
    texts = tuple(text_part(design, kind, mails, posts) for kind in kinds)
    return (*texts, column_part(posts, seed)) if design.fusion == "late" else texts


def first_part(design: HarmfulContent, mails: Step, posts: Step, seed: int) -> Part:
    """The light model of the first pass; its words are always hashed to FIRST_BITS."""
    if design.first == "columns":
        return column_part(posts, seed)
    return text_part(HarmfulContent(bits=FIRST_BITS), design.first, mails, posts)


FIRST_BITS = 14
FITS = {"list": linear.fit_list, "bayes": linear.fit_bayes, "hashed": linear.fit_words}


def text_part(design: HarmfulContent, kind: str, mails: Step, posts: Step, both: bool = False) -> Part:
    """A model of the text, or with `both` one of the text and the columns."""
    rows, reads = text_rows(design, kind, mails, posts)
    if both:
        fitted = step(joint.fit_joint, rows, posts, step(features.cut_columns, posts))
    else:
        fitted = step(FITS.get(kind, linear.fit_vectors), rows, posts)
    if design.weights == "int8":
        fitted = step(linear.quantised, fitted)
    scores = step(judging.score_both if both else judging.score_text, fitted, rows, posts)
    name = "both parts" if both else "MiniLM" if kind == "minilm" else "text"
    return Part(name, f"joint {kind}" if both else kind, fitted, reads, scores)


def text_rows(design: HarmfulContent, kind: str, mails: Step, posts: Step) -> tuple[Step, tuple[Step, ...]]:
    """What a model of the text reads: rows of all used posts, the steps that make such a row."""
    if kind in COUNTED:
        slots = step(features.hash_words, mails, bits=design.bits)
        return step(features.count_words, mails, posts, slots), (slots,)
    if kind == "pieces":
        table = step(features.word_vectors, mails, step(load_word_pieces), dim=design.dim)
        return step(features.average_vectors, mails, posts, table), (table,)
    vectors = step(load_mail_vectors)
    turned = step(features.rotation_of, vectors, dim=design.dim)
    return step(features.sentence_vectors, vectors, posts, dim=design.dim), (step(load_minilm), turned)


def column_part(posts: Step, seed: int) -> Part:
    """The trees over the columns."""
    fitted = step(trees.fit_trees, posts, seed=seed)
    return Part("metadata", "columns", fitted, (), step(judging.score_columns, fitted, posts))


def run(design: HarmfulContent, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file of its data or weights is amiss."""
    with recording() as computed:
        s = stages(design, seed)
        stored = design.serving == "batch"
        clocks = _clocks(design, s)
        later = _later(design, s, clocks)
        parts = _parts(design, s, clocks)
        held = [s["store"]] if stored else _held(design, s)
        encoding_s = _shipped_s(design, s, later)
        return Measurement(
            quality=s["quality"].value,
            service_ms=sum(parts.values()),
            parts_ms=parts,
            memory_bytes=sum(nbytes(each.value) for each in held) + (0 if stored else _vocabulary_bytes(s)),
            build_s=build_seconds(*held) + encoding_s,
            shipped_s=encoding_s,
            refresh_s=_job_s(design, s, later) if stored else 0.0,
            refresh_every_h=design.refresh_h if stored else 0.0,
            store_bytes=s["store"].value.nbytes if stored else 0,
            counts=_counts(design, s, later),
            charged=money.charged(s["shown"].value.rates),
            steps=trace(computed, s["quality"], *clocks.values(), *later.values()),
            noise=max(clock.value.noise for clock in clocks.values()),
            shown=s["shown"].value,
        )


def _clocks(design: HarmfulContent, s: dict[str, Any]) -> dict[str, Step]:
    """The clock of each part of a request, in order."""
    clocks, inputs = s["clocks"], (s["mails"], s["posts"], s["crowd"])
    if design.serving == "batch":
        return {"look up": clocks["look up"]}
    found = {"read": clocks["read"]}
    if design.match != "none":
        found["match"] = clocks["match"]
    if two_passes(design):
        found["first pass"] = clocks["first pass"]
    if design.serving == "cascade":
        found |= {part.name: part.timed(timing.time_passed, *inputs, s["verdict"]) for part in s["main"]}
    elif design.serving == "online":
        found |= {part.name: part.timed(timing.time_scoring, *inputs) for part in s["main"]}
    if design.heads != "none" and design.serving != "hybrid":
        found["kinds"] = clocks["kinds"]
    return found


def _parts(design: HarmfulContent, s: dict[str, Any], clocks: dict[str, Step]) -> dict[str, np.ndarray]:
    """Milliseconds of each timed request by part: known harm goes no further, and some of the rest is not passed on."""
    verdict, asked = s["served"].value, s["crowd"].value.asked
    parts = {name: clock.value.wall_ms for name, clock in clocks.items()}
    for name in parts:
        if name not in ("read", "match", "look up"):
            parts[name] = parts[name] * ~verdict.matched[asked]
        if name == "kinds" and design.serving == "cascade":
            parts[name] = parts[name] * verdict.passed[asked]
    return parts


def _later(design: HarmfulContent, s: dict[str, Any], clocks: dict[str, Step]) -> dict[str, Step]:
    """Clocks of models that run later, and of MiniLM, to charge for vectors that come made; one that ran counts."""
    inputs = (s["mails"], s["posts"], s["crowd"])
    found = {}
    for part in s["main"]:
        if design.serving == "hybrid" or "minilm" in part.kind:
            ran = part.name in clocks and clocks[part.name].value.cpu_ms > 0
            found[part.name] = clocks[part.name] if ran else part.timed(timing.time_later, *inputs)
    return found


def _held(design: HarmfulContent, s: dict[str, Any]) -> list[Step]:
    """What a replica holds: models with what they read, calibrations, the bank of known harm."""
    models_held = [*s["main"], s["first"]] if two_passes(design) else s["main"]
    held = [step for part in models_held for step in (part.fitted, *part.reads)] + [s["calibration"]]
    held += [s["first_calibration"]] if two_passes(design) else []
    held += [s["bank"]] if design.match != "none" else []
    held += [s["heads"], s["head_slots"]] if design.heads != "none" else []
    return list({each.key: each for each in held}.values())


def _vocabulary_bytes(s: dict[str, Any]) -> int:
    """Words that are left unmasked, one byte a letter and eight for each word's number."""
    return sum(len(word) + 8 for word in s["mails"].value.vocabulary)


def _minilm_ms(s: dict[str, Any], later: dict[str, Step]) -> float:
    """CPU milliseconds of one text through MiniLM, 0 where the main model has none."""
    names = [part.name for part in s["main"] if "minilm" in part.kind]
    return later[names[0]].value.cpu_ms if names else 0.0


def _shipped_s(design: HarmfulContent, s: dict[str, Any], later: dict[str, Step]) -> float:
    """CPU seconds that the shipped vectors would take here: of what is learnt from, in batch also of what is judged."""
    posts = s["learnt"].value
    n = len(posts.train) + len(posts.valid) + (len(posts.test) if design.serving == "batch" else 0)
    return n * _minilm_ms(s, later) / 1e3


def _job_s(design: HarmfulContent, s: dict[str, Any], later: dict[str, Step]) -> float:
    """CPU seconds of one run of the job over the judged posts."""
    steps = [*(part.scores for part in s["main"]), s["suspected"], s["verdict"], s["store"]]
    steps += [s["match"]] if design.match != "none" else []
    return own_seconds(*steps) + len(s["posts"].value.test) * _minilm_ms(s, later) / 1e3


def _counts(design: HarmfulContent, s: dict[str, Any], later: dict[str, Step]) -> dict[str, float]:
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
