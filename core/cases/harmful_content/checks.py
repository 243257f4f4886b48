"""What harmful content detection teaches: each sentence a reader is told, with the runs that say whether it holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.harmful_content import lessons
from core.cases.harmful_content.comparing import DEFAULT, gain, rates, told, usd_of_1000, values
from core.cases.harmful_content.pipeline import run
from core.cases.harmful_content.serve.matching import against_all
from core.contract.check import Check, Verdict

ROOM = (0, 1, 2, 5, 10, 20, 50)  # reviews of a thousand posts


def higher_threshold_trades(seed: int) -> Verdict:
    found = [rates(replace(DEFAULT, remove_at=at, reviewers=0), seed) for at in (0.3, 0.5, 0.7, 0.9, 0.99)]
    wronged = [each.wrongly_removed for each in found]
    seen = [each.harmful_views for each in found]
    held = (np.diff(wronged) <= 1e-9).all() and (np.diff(seen) >= -1e-9).all()
    views = f"harmful views {seen[0]:.1f} → {seen[-1]:.1f} of 10,000"
    said = f"wrongly removed {wronged[0]:.2f} → {wronged[-1]:.2f} of 1,000, {views}"
    return Verdict(bool(held), said)


def two_thresholds_dominate(seed: int) -> Verdict:
    one, two = replace(DEFAULT, reviewers=0), replace(DEFAULT, reviewers=20, review_at=0.01)
    stopped, before, after = gain(one, two, seed, "stopped"), rates(one, seed), rates(two, seed)
    held = stopped.low > 0 and after.wrongly_removed == before.wrongly_removed
    return Verdict(
        held, f"{told('harm stopped', stopped)}, wrongly removed {after.wrongly_removed:.2f} of 1,000 both times"
    )


def reviewers_saturate(seed: int) -> Verdict:
    found = [rates(replace(DEFAULT, reviewers=n, review_at=0.01), seed).harmful_views for n in ROOM]
    worth = -np.diff(found) / np.diff(ROOM)  # of one more review
    held = (worth >= -1e-9).all() and worth[-1] < worth[0] / 10
    said = ", ".join(f"{n}: {seen:.1f}" for n, seen in zip(ROOM, found, strict=True))
    return Verdict(bool(held), f"harmful views of 10,000 by reviews of 1,000 posts: {said}")


def some_reviewers_pay(seed: int) -> Verdict:
    """The charges of a thousand posts by room for reviews: the cheapest is neither none nor the most."""
    usd = {n: sum(usd_of_1000(n, seed).values()) for n in ROOM}
    best = min(usd, key=usd.__getitem__)
    said = ", ".join(f"{n}: ${each:.2f}" for n, each in usd.items())
    return Verdict(0 < best < ROOM[-1], f"people and mistakes of 1,000 posts, by reviews of 1,000: {said}")


def dear_reviewers_do_not(seed: int) -> Verdict:
    """The same where a review costs ten times as much."""
    parts = {n: usd_of_1000(n, seed) for n in ROOM}
    usd = {n: sum(each.values()) + 9 * each["review_usd"] for n, each in parts.items()}
    return Verdict(min(usd, key=usd.__getitem__) == 0, f"none ${usd[0]:.2f}, {ROOM[1]} of 1,000 ${usd[ROOM[1]]:.2f}")


def severity_first_stops_more(seed: int) -> Verdict:
    few = replace(DEFAULT, reviewers=2, review_at=0.01)
    over = gain(replace(few, queue="oldest"), replace(few, queue="severity"), seed, "stopped")
    return Verdict(over.low > 0, told("harm stopped, likely × reach × severity over oldest first:", over))


def cascade_costs_its_parts(seed: int) -> Verdict:
    """Who waits for the main model, by the first pass's own chances, and how long against a full pass of it."""
    design = replace(DEFAULT, serving="cascade")
    posts, chance, limit, crowd, found = values(design, seed, "posts", "first_suspected", "threshold", "crowd", "match")
    cascade, whole = (run(each, seed).parts_ms for each in (design, DEFAULT))
    main = [name for name in cascade if name not in ("read", "match", "first pass")]
    waits, full = (sum(parts[name] for name in main) for parts in (cascade, whole))
    suspicious = (chance[len(posts.valid) :] >= limit) & (found.likeness < design.similarity)
    told_on = suspicious[crowd.asked]
    ratio = float(np.median(waits[told_on]) / np.median(full[told_on]))
    held = bool(np.array_equal(waits > 0, told_on) and 0.5 < ratio < 2)
    return Verdict(held, f"{told_on.mean():.1%} are passed on and wait {ratio:.2f} × as long as in a full pass, "
                   f"{int(((waits > 0) & ~told_on).sum())} others wait at all")  # fmt: skip


def cascades_never_find_more(seed: int) -> Verdict:
    whole, lost, more = replace(DEFAULT, match="none", remove_at=0.3), [], False
    (full,) = values(whole, seed, "outcome")
    for band in (0.02, 0.05, 0.1):
        (found,) = values(replace(whole, serving="cascade", band=band), seed, "outcome")
        more = more or bool((found.removed & ~full.removed).any())
        lost.append(int((full.removed & ~found.removed).sum()))
    said = ", ".join(map(str, lost))
    return Verdict(
        not more and (np.diff(lost) <= 0).all(), f"removals lost against a full pass: {said} with 2, 5, 10 % passed on"
    )


def waiting_costs_views(seed: int) -> Verdict:
    late = replace(DEFAULT, serving="hybrid", band=1.0)
    seen = [rates(replace(late, delay_min=m), seed).harmful_views for m in (1, 10, 60, 240)]
    accuracy = {run(replace(late, delay_min=m), seed).quality["ap"].value for m in (1, 240)}
    held = (np.diff(seen) > 0).all() and len(accuracy) == 1
    said = ", ".join(f"{m} min {views:.1f}" for m, views in zip((1, 10, 60, 240), seen, strict=True))
    return Verdict(bool(held), f"harmful views of 10,000 at one AP: {said}")


def near_copies_find_more(seed: int) -> Verdict:
    exact, near = (
        values(replace(DEFAULT, match=kind, similarity=0.5), seed, "match", "posts") for kind in ("exact", "minhash")
    )
    harmful = exact[1].harmful[exact[1].test]
    hits = [each[0].likeness >= limit for each, limit in ((exact, 1.0), (near, 0.5))]
    share = [float(hit[harmful].mean()) for hit in hits]
    wrong = int(hits[1][~harmful].sum())
    harmless = f"{wrong} of {int((~harmful).sum()):,} harmless posts"
    said = f"exact {share[0]:.1%} of harm, near copies {share[1]:.1%}, with {harmless}"
    return Verdict(share[1] > 2 * share[0] and wrong <= 5, said)


def bands_miss_little(seed: int) -> Verdict:
    mails, posts, bank, found = values(DEFAULT, seed, "mails", "posts", "bank", "match")
    every = against_all(mails, posts, bank)
    alike = every >= DEFAULT.similarity
    kept = float((found.likeness[alike] == every[alike]).mean())
    held = (found.likeness <= every).all() and kept > 0.9 and found.compared.mean() < len(bank.signatures) / 50
    work = f"{found.compared.mean():.1f} comparisons a post instead of {len(bank.signatures)}"
    return Verdict(bool(held), f"{kept:.1%} of {int(alike.sum())} near copies found, with {work}")


CHECKS = (
    Check(
        "G1",
        "A precision is at most one, and the perfect order has an average precision of one.",
        "INV",
        lessons.precisions_are_shares,
    ),
    Check(
        "H1",
        "The rarer harm is, the lower the precision of one and the same order of posts.",
        "INV",
        lessons.prevalence_moves_precision,
    ),
    Check(
        "H2",
        "Where only text and picture together do harm, early fusion sees it and late fusion does not.",
        "DIR",
        lessons.early_sees_combinations,
    ),
    Check(
        "H2b",
        "Without such posts early fusion finds no more, and late fusion is the smaller model.",
        "FLIP",
        lessons.late_is_no_worse_without_combinations,
    ),
    Check(
        "H2c", "Neither the text nor the picture alone tells those posts apart.", "DIR", lessons.parts_say_nothing_alone
    ),
    Check(
        "H3",
        "Heads on a shared layer find more of a kind with few labels where the other tasks are related.",
        "DIR",
        lessons.related_tasks_help,
    ),
    Check(
        "H3b",
        "Where the other tasks are unrelated, sharing the layer costs that kind.",
        "FLIP",
        lessons.unrelated_tasks_hurt,
    ),
    Check(
        "H3c",
        "Three heads on one layer have a third of the weights of three models.",
        "INV",
        lessons.sharing_is_smaller,
    ),
    Check(
        "H4",
        "A higher removal threshold never removes more harmless posts and never stops more harm.",
        "INV",
        higher_threshold_trades,
    ),
    Check(
        "H4b",
        "With reviewers, a second threshold stops more harm and wrongs nobody more.",
        "DIR",
        two_thresholds_dominate,
    ),
    Check(
        "H5", "More reviewers never let more harm through, but one more soon brings little.", "DIR", reviewers_saturate
    ),
    Check("H5c", "Some reviewers cost less than the harm they stop, the most do not.", "DIR", some_reviewers_pay),
    Check("H5d", "Where a review costs ten times as much, doing without is cheapest.", "FLIP", dear_reviewers_do_not),
    Check(
        "H5b",
        "With few reviewers, reach and severity first stops more than oldest first.",
        "DIR",
        severity_first_stops_more,
    ),
    Check(
        "H6",
        "A cascade costs its first pass, and the main model only for what is passed on.",
        "INV",
        cascade_costs_its_parts,
    ),
    Check(
        "H6b", "A cascade never removes what a full pass of its main model would not.", "INV", cascades_never_find_more
    ),
    Check("H7", "Labels from user reports make a worse model.", "DIR", lessons.reports_lower_the_ceiling),
    Check("H7b", "Judged by reports, the same verdicts look worse than they are.", "DIR", lessons.reports_hide_quality),
    Check(
        "H8",
        "The distilled encoder keeps most of MiniLM's quality for a fraction of the work.",
        "DIR",
        lessons.distilled_keeps_most,
    ),
    Check(
        "H8b",
        "Weights of eight bits take a quarter of the memory and change almost nothing.",
        "DIR",
        lessons.eight_bits_are_enough,
    ),
    Check(
        "H9", "The later the verdict, the more harmful views, at one and the same accuracy.", "INV", waiting_costs_views
    ),
    Check(
        "H10",
        "Near copies catch far more known harm than exact ones, and hardly a harmless post.",
        "DIR",
        near_copies_find_more,
    ),
    Check(
        "H10b",
        "Bands of hashes find nearly every near copy that comparing with all known harm finds.",
        "DIR",
        bands_miss_little,
    ),
    Check("H11", "On these messages hashed words beat the sentence encoder.", "DIR", lessons.big_encoder_loses),
    Check("H12", "Fewer hash places collide more and find less.", "DIR", lessons.fewer_places_collide),
    Check(
        "H13",
        "More messages to learn from find more harm, and the last doubling still pays.",
        "DIR",
        lessons.more_messages_find_more,
    ),
    Check(
        "H13b",
        "A list of 200 words learnt from all messages finds less than one from a quarter: its words are rarer.",
        "DIR",
        lessons.lists_do_not_grow_better,
    ),
    Check("G12", "A text model that is two weeks older finds less.", "DIR", lessons.old_models_lose),
    Check("G12b", "Where nothing drifts, its age does not matter.", "FLIP", lessons.without_drift_age_is_nothing),
    Check(
        "G15",
        "Shuffling old and new messages makes naive Bayes and trees look better than they are.",
        "DIR",
        lessons.shuffling_flatters,
    ),
)
