"""What messages, labels and time do to a model: checks of quality, size, copies and age."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.harmful_content.checks.common import DEFAULT, check, rates
from core.cases.harmful_content.evaluate.quality import average_precision
from core.cases.harmful_content.serve.matching import against_all
from core.checks.toolkit import Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict
from core.metrics import PairedDifference

STALE = 14  # days, the oldest model
TEXT = replace(DEFAULT, fusion="text", match="none", heads="none")
PLAIN = replace(DEFAULT, match="none", heads="none", prevalence=0.15)
SPLIT = {
    "naive Bayes": replace(PLAIN, fusion="text", model="bayes"),
    "trees on metadata": replace(PLAIN, fusion="columns"),
}


@check("H7", DIR, "Labels from user reports make a worse model.")
def reports_lower_the_ceiling(lab: Lab) -> Verdict:
    lost = lab.compare("ap", replace(DEFAULT, match="none"), replace(DEFAULT, match="none", reports=1.0))
    return Verdict(lost.high < 0, f"AP on clean labels, from reviewed to reported ones: {difference_text(lost)}")


@check("H7b", DIR, "Judged by reports, the same verdicts look worse than they are.")
def reports_hide_quality(lab: Lab) -> Verdict:
    stages = lab.stages(replace(DEFAULT, match="none", reports=1.0))
    served, posts, copies = (stages[name].value for name in ("served", "posts", "copies"))
    clean, reported = posts.harmful[posts.test], posts.taught[posts.test]
    true, seen = (average_precision(served.rank, labels, copies) for labels in (clean, reported))
    said = f"the same verdicts have AP {true.value:.3f} on clean labels, {seen.value:.3f} on reports"
    return Verdict(seen.high < true.low, said)


@check("H8", DIR, "The distilled encoder keeps at least two thirds of MiniLM's quality, for a fraction of the work.")
def distilled_keeps_most(lab: Lab) -> Verdict:
    whole, small = (replace(TEXT, serving="hybrid", band=1.0, model=model) for model in ("minilm", "pieces"))
    over, base = lab.compare("ap", whole, small), lab.value("ap", whole)
    by_whole, by_small = (lab.run(design).counts["CPU ms a post, later"] for design in (whole, small))
    work = by_whole / by_small
    said = f"AP {difference_text(over)} from {base:.3f}, {work:,.0f} × less work a post"
    return Verdict(over.low > -base / 3 and work > 10, said)


@check("H8b", DIR, "Weights in int8 take a quarter of the memory and change almost nothing.")
def eight_bits_are_enough(lab: Lab) -> Verdict:
    alone = replace(DEFAULT, fusion="text", match="none")
    designs = [replace(alone, weights=weights) for weights in ("float32", "int8")]
    over = lab.compare("ap", *designs)
    whole, small = (lab.stage("model", design).weights.nbytes for design in designs)
    said = f"AP {difference_text(over)} with {small:,} instead of {whole:,} bytes"
    return Verdict(abs(over.mean) < 0.01 and whole == 4 * small, said)


@check("H9", DEF, "The later the verdict, the more harmful views, at one and the same accuracy.")
def waiting_costs_views(lab: Lab) -> Verdict:
    late = {m: replace(DEFAULT, serving="hybrid", band=1.0, delay_min=m) for m in (1, 10, 60, 240)}
    seen = {m: rates(lab, design).harmful_views for m, design in late.items()}
    same = lab.value("ap", late[1]) == lab.value("ap", late[240])
    said = ", ".join(f"{m} min {views:.1f}" for m, views in seen.items())
    held = (np.diff(list(seen.values())) > 0).all() and same
    return Verdict(bool(held), f"harmful views of 10,000 at one AP: {said}")


@check("H10", DIR, "MinHash matches far more known harm than exact hashes, and hardly a harmless post.")
def near_copies_find_more(lab: Lab) -> Verdict:
    posts = lab.stage("posts", DEFAULT)
    exact, near = (
        lab.stage("match", replace(DEFAULT, match=kind, similarity=0.5)).likeness for kind in ("exact", "minhash")
    )
    harmful = posts.harmful[posts.test]
    by_exact, by_near = (float((likeness[harmful] >= least).mean()) for likeness, least in ((exact, 1.0), (near, 0.5)))
    wrong = int((near[~harmful] >= 0.5).sum())
    same_or_not = np.isin(exact, (0.0, 1.0)).all()
    said = f"exact {by_exact:.1%} of harm, near copies {by_near:.1%}"
    return Verdict(
        bool(by_near > 2 * by_exact and wrong <= 5 and same_or_not),
        f"{said}, with {wrong} of {int((~harmful).sum()):,} harmless posts",
    )


@check("H10b", DIR, "LSH bands find nearly every near copy that a full scan of known harm finds.")
def bands_miss_little(lab: Lab) -> Verdict:
    mails, posts, bank, match = (lab.stage(name, DEFAULT) for name in ("mails", "posts", "bank", "match"))
    exact = lab.stage("match", replace(DEFAULT, match="exact")).likeness
    by_all = against_all(mails, posts, bank)
    alike = by_all >= DEFAULT.similarity
    kept, kept_by_exact = (float((likeness[alike] == by_all[alike]).mean()) for likeness in (match.likeness, exact))
    n_known, compared = len(bank.signatures), match.compared.mean()
    fine = (match.likeness <= by_all).all() and kept > 0.9 > 2 * kept_by_exact and compared < n_known / 50
    work = f"{compared:.1f} comparisons a post instead of {n_known}"
    return Verdict(bool(fine), f"{kept:.1%} of {int(alike.sum())} near copies found, with {work}")


@check("H11", DIR, "On these messages hashed TF-IDF beats the sentence encoder.")
def big_encoder_loses(lab: Lab) -> Verdict:
    late = replace(TEXT, serving="hybrid", band=1.0, dim=256)
    encoder, words = (replace(late, model=model) for model in ("minilm", "hashed"))
    over = lab.compare("ap", encoder, words)
    return Verdict(over.low > 0, f"AP of hashed words over MiniLM: {difference_text(over)}")


@check("H12", DIR, "A smaller hash size collides more and finds less.")
def fewer_places_collide(lab: Lab) -> Verdict:
    ap = {bits: lab.value("ap", replace(TEXT, bits=bits)) for bits in (6, 8, 10, 12, 14)}
    said = ", ".join(f"2^{bits} {value:.3f}" for bits, value in ap.items())
    return Verdict(bool((np.diff(list(ap.values())) > 0).all()), f"AP {said}")


@check("H13", DIR, "A larger training set finds more harm, and the last doubling still pays.")
def more_messages_find_more(lab: Lab) -> Verdict:
    tenth, half = (replace(DEFAULT, learnt_from=share) for share in (0.1, 0.5))
    first, last = lab.compare("ap", tenth, half), lab.compare("ap", half, DEFAULT)
    said = f"AP {difference_text(first)} from a tenth of the messages to half of them"
    return Verdict(first.low > 0 and last.low > 0, f"{said}, {difference_text(last)} from half to all")


@check("H13b", DIR, "A word list needs many messages too: a quarter of them shows too few words ten times in harm.")
def lists_need_messages(lab: Lab) -> Verdict:
    whole, quarter = (replace(TEXT, model="list", learnt_from=share) for share in (1.0, 0.25))
    gained = lab.compare("ap", quarter, whole)
    few, many = (int((lab.stage("model", design).weights > 0).sum()) for design in (quarter, whole))
    said = f"AP {difference_text(gained)} from a quarter of the messages to all"
    return Verdict(gained.low > 0 and few < many, f"{said}; {few:,} words on the list, then {many:,}")


def age(lab: Lab, order: str) -> PairedDifference:
    """What fourteen days of age take from a text model that learnt from as many messages."""
    fresh = replace(TEXT, order=order, prevalence=0.15)
    return lab.compare("ap", fresh, replace(fresh, age_d=STALE))


@check("G12", DIR, "A text model that is two weeks older finds less.")
def old_models_lose(lab: Lab) -> Verdict:
    lost = age(lab, "real")
    return Verdict(lost.high < 0, f"AP of a model two weeks older: {difference_text(lost)}")


@check("G12b", FLIP, "Where nothing drifts, its age does not matter.")
def without_drift_age_is_nothing(lab: Lab) -> Verdict:
    lost = age(lab, "shuffled")
    return Verdict(abs(lost.mean) < 0.01, f"AP of a model two weeks older: {difference_text(lost)}")


@check("G15", DIR, "Shuffling old and new messages makes naive Bayes and trees look better than they are.")
def shuffling_flatters(lab: Lab) -> Verdict:
    said, held = [], True
    for name, design in SPLIT.items():
        real = lab.estimate("ap", design)
        worlds = [lab.at(lab.seed + i) for i in range(3)]
        shuffled = np.mean([world.value("ap", replace(design, order="shuffled")) for world in worlds])
        said.append(f"{name} {real.value:.3f} (to {real.high:.3f}) in time order, {shuffled:.3f} shuffled")
        held = held and bool(shuffled > real.high)
    return Verdict(held, "AP of " + "; ".join(said))
