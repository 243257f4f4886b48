"""What the models and the data teach: checks of quality, of kinds of harm, of labels and of age."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.harmful_content.comparing import DEFAULT, gain, told, values
from core.cases.harmful_content.design import HarmfulContent
from core.cases.harmful_content.evaluate.quality import precision_of_harm
from core.cases.harmful_content.pipeline import run, stages
from core.contract.case import estimate
from core.contract.check import Verdict
from core.metrics import PairedDifference, paired_difference

PICTURES = replace(DEFAULT, planted=0.3, match="none")
STALE = 14  # days, the oldest model
PLAIN = replace(DEFAULT, match="none", heads="none", prevalence=0.15)
SPLIT = {
    "naive Bayes": replace(PLAIN, fusion="text", model="bayes"),
    "trees on metadata": replace(PLAIN, fusion="columns"),
}


def precisions_are_shares(seed: int) -> Verdict:
    served, posts, crowd = values(DEFAULT, seed, "served", "posts", "crowd")
    harmful = posts.harmful[posts.test]
    precision = precision_of_harm(served.rank, harmful, crowd.weight)
    best = precision_of_harm(harmful.astype(float), harmful, crowd.weight)
    fine = precision.min() > 0 and precision.max() <= 1 and (best == 1).all()
    return Verdict(bool(fine), f"AP {precision.mean():.3f}, of a perfect order {best.mean():.3f}")


def prevalence_moves_precision(seed: int) -> Verdict:
    shares = (0.005, 0.02, 0.15, 0.5)
    alone = replace(DEFAULT, match="none")
    designs = [replace(alone, prevalence=share) for share in shares]
    found = [run(design, seed).quality["ap"].value for design in designs]
    ranks = [values(design, seed, "served")[0].rank for design in designs]
    order = np.argsort(ranks[1], kind="stable")
    same = all((np.diff(rank[order]) >= 0).all() for rank in ranks)  # near 1 some probabilities round to equal ones
    said = ", ".join(f"{share:.1%} → {ap:.3f}" for share, ap in zip(shares, found, strict=True))
    return Verdict(bool((np.diff(found) > 0).all()) and same, f"AP at a prevalence of {said}; the order is the same")


def early_sees_combinations(seed: int) -> Verdict:
    late, early = PICTURES, replace(PICTURES, fusion="early")
    over = gain(late, early, seed, "planted")
    other = run(late, seed).quality["planted"]
    said = f"{told('AP among posts with pictures', over)} over late fusion, which has {other.value:.3f}; chance is 0.5"
    return Verdict(over.low > 0.05, said)


def late_is_no_worse_without_combinations(seed: int) -> Verdict:
    late, early = DEFAULT, replace(DEFAULT, fusion="early")
    over = gain(late, early, seed)
    held = [stages(design, seed)["main"] for design in (late, early)]
    sizes = [sum(part.fitted.value.nbytes for part in parts) for parts in held]
    said = f"{told('AP', over)} for early fusion, whose model is {sizes[1] / sizes[0]:.1f} × the bytes"
    return Verdict(over.low <= 0.005 and sizes[0] < sizes[1], said)


def parts_say_nothing_alone(seed: int) -> Verdict:
    served, posts = values(replace(PICTURES, fusion="text"), seed, "served", "posts")
    planted, harmful = posts.planted[posts.test], posts.harmful[posts.test]
    by_text = _ranked_above(served.rank[planted & harmful], served.rank[planted & ~harmful])
    under = [posts.planted & (posts.columns[:, column] > 0) for column in (-2, -1)]
    by_picture = [float(posts.harmful[rows].mean()) for rows in under]
    held = abs(by_text - 0.5) < 0.05 and all(abs(share - 0.5) < 0.01 for share in by_picture)
    said = f"by text a harmful one ranks above a harmless one {by_text:.3f} of the time"
    return Verdict(held, f"{said}; under the two pictures {by_picture[0]:.3f} and {by_picture[1]:.3f} are harmful")


def _ranked_above(one: np.ndarray, other: np.ndarray) -> float:
    """The share of pairs in which the first ranks higher (the area under the ROC curve), ties half."""
    below = np.searchsorted(np.sort(other), one, side="left") + np.searchsorted(np.sort(other), one, side="right")
    return float(below.mean() / (2 * len(other)))


def sharing(related: float, seed: int) -> PairedDifference:
    """The rare kind's precisions with heads on a shared layer over those with separate ones, three seeds' together."""
    apart, shared = (
        np.concatenate([
            run(replace(DEFAULT, heads=heads, related=related), s).quality["rare"].per_query
            for s in range(seed, seed + 3)
        ])
        for heads in ("separate", "shared")
    )  # fmt: skip
    return paired_difference(shared, apart, seed)


def related_tasks_help(seed: int) -> Verdict:
    over = sharing(1.0, seed)
    return Verdict(over.low > 0, told("AP of the kind with 15 labels, shared over separate:", over))


def unrelated_tasks_hurt(seed: int) -> Verdict:
    over = sharing(0.0, seed)
    return Verdict(over.high < 0, told("AP of the kind with 15 labels, shared over separate:", over))


def sharing_is_smaller(seed: int) -> Verdict:
    apart, shared = (values(replace(DEFAULT, heads=heads), seed, "heads")[0] for heads in ("separate", "shared"))
    ratio = apart.into.size / shared.into.size
    return Verdict(
        ratio == 3, f"{apart.into.size:,} weights below three separate heads, {shared.into.size:,} below shared ones"
    )


def reports_lower_the_ceiling(seed: int) -> Verdict:
    lost = gain(replace(DEFAULT, match="none"), replace(DEFAULT, match="none", reports=1.0), seed)
    return Verdict(lost.high < 0, told("AP on clean labels, from reviewed to reported ones:", lost))


def reports_hide_quality(seed: int) -> Verdict:
    served, posts = values(replace(DEFAULT, match="none", reports=1.0), seed, "served", "posts")
    clean, said = posts.harmful[posts.test], posts.taught[posts.test]
    ones = np.ones(len(clean))
    true, seen = (estimate(precision_of_harm(served.rank, labels, ones), seed) for labels in (clean, said))
    return Verdict(
        seen.high < true.low, f"the same verdicts have AP {true.value:.3f} on clean labels, {seen.value:.3f} on reports"
    )


def distilled_keeps_most(seed: int) -> Verdict:
    batch = replace(DEFAULT, serving="batch", fusion="text", match="none", heads="none")
    whole, small = replace(batch, model="minilm"), replace(batch, model="pieces")
    over = gain(whole, small, seed)
    base = run(whole, seed).quality["ap"].value
    late = [run(replace(d, serving="hybrid", band=1.0), seed).counts["CPU ms a post, later"] for d in (whole, small)]
    work = late[0] / late[1]
    said = f"{told('AP', over)} from {base:.3f}, {work:,.0f} × less work a post"
    return Verdict(over.low > -0.2 * base and work > 10, said)


def eight_bits_are_enough(seed: int) -> Verdict:
    alone = replace(DEFAULT, fusion="text", match="none")
    over = gain(alone, replace(alone, weights="int8"), seed)
    whole, small = (
        stages(replace(alone, weights=weights), seed)["main"][0].fitted.value.weights.nbytes
        for weights in ("float32", "int8")
    )
    return Verdict(
        abs(over.mean) < 0.01 and whole == 4 * small, f"{told('AP', over)} with {small:,} instead of {whole:,} bytes"
    )


def fewer_places_collide(seed: int) -> Verdict:
    alone = replace(DEFAULT, fusion="text", match="none", heads="none")
    found = {bits: run(replace(alone, bits=bits), seed).quality["ap"].value for bits in (6, 8, 10, 12, 14)}
    rising = (np.diff(list(found.values())) > 0).all()
    return Verdict(bool(rising), "AP " + ", ".join(f"2^{bits} {ap:.3f}" for bits, ap in found.items()))


def big_encoder_loses(seed: int) -> Verdict:
    batch = replace(DEFAULT, serving="batch", fusion="text", match="none", heads="none", dim=256)
    over = gain(replace(batch, model="minilm"), replace(batch, model="hashed"), seed)
    return Verdict(over.low > 0, told("AP of hashed words over MiniLM:", over))


def more_messages_find_more(seed: int) -> Verdict:
    tenth, half = (replace(DEFAULT, learnt_from=share) for share in (0.1, 0.5))
    first, last = gain(tenth, half, seed), gain(half, DEFAULT, seed)
    said = f"{told('AP', first)} from a tenth of the messages to half of them"
    return Verdict(first.low > 0 and last.low > 0, f"{said}, {told('', last).strip()} from half to all")


def lists_do_not_grow_better(seed: int) -> Verdict:
    """The word list of a quarter of the messages and that of all: the harm found, and the harm with a listed word."""
    alone = replace(DEFAULT, fusion="text", model="list", match="none", heads="none")
    quarter = replace(alone, learnt_from=0.25)
    lost, met = gain(quarter, alone, seed), [_harm_met(design, seed) for design in (quarter, alone)]
    said = f"{told('AP', lost)} from a quarter of the messages to all"
    return Verdict(
        lost.high < 0 and met[1] < met[0], f"{said}; {met[0]:.1%} of harm has a listed word, then {met[1]:.1%}"
    )


def _harm_met(design: HarmfulContent, seed: int) -> float:
    """The share of harmful judged posts that use a word of the list."""
    main, posts = (stages(design, seed)[name] for name in ("main", "posts"))
    of_judged = main[0].scores.value[len(posts.value.valid) :]
    return float((of_judged[posts.value.harmful[posts.value.test]] > 0).mean())


def age(order: str, seed: int) -> PairedDifference:
    """What fourteen days of age take from a text model that learnt from as many messages."""
    fresh = replace(DEFAULT, order=order, match="none", heads="none", fusion="text", prevalence=0.15)
    return gain(fresh, replace(fresh, age_d=STALE), seed)


def old_models_lose(seed: int) -> Verdict:
    lost = age("real", seed)
    return Verdict(lost.high < 0, told("AP of a model two weeks older:", lost))


def without_drift_age_is_nothing(seed: int) -> Verdict:
    lost = age("shuffled", seed)
    return Verdict(abs(lost.mean) < 0.01, told("AP of a model two weeks older:", lost))


def shuffling_flatters(seed: int) -> Verdict:
    said, held = [], True
    for name, design in SPLIT.items():
        real = run(design, seed).quality["ap"]
        shuffled = np.mean(
            [run(replace(design, order="shuffled"), s).quality["ap"].value for s in range(seed, seed + 3)]
        )
        said.append(f"{name} {real.value:.3f} (to {real.high:.3f}) in time order, {shuffled:.3f} shuffled")
        held = held and bool(shuffled > real.high)
    return Verdict(held, "AP of " + "; ".join(said))
