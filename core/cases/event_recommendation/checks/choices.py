"""Checks of the filter, of the rows that teach, and of how they are split."""

from __future__ import annotations

from itertools import pairwise

from core.cases.event_recommendation.design import EventRecommendation as Design
from core.cases.event_recommendation.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text, rising
from core.contract.check import DIR, FLIP, INV, Verdict

check = Checks(Design, run, stages)


@check("E4", INV, "A wider radius never lowers the recall ceiling, and adds candidates to rank.")
def wider_reaches_more(lab: Lab) -> Verdict:
    designs = [Design(radius=radius) for radius in (5, 10, 25, 50, 100, 200)]
    ceiling = [lab.value("ceiling", design) for design in designs]
    n_pairs = [len(lab.stage("lists", design).candidates.person) for design in designs]
    n_people = len(lab.stage("world", Design()).people.city)
    said = ", ".join(f"{share:.3f} of {n / n_people:.0f}" for share, n in zip(ceiling, n_pairs, strict=True))
    more = all(n < wider for n, wider in pairwise(n_pairs))
    return Verdict(rising(ceiling) and more, f"ceiling and candidates from 5 to 200 km: {said}")


@check("E4b", DIR, "Quality stops growing where people no longer go.")
def then_it_flattens(lab: Lab) -> Verdict:
    narrow, middle, wide = (Design(radius=radius) for radius in (25, 100, 200))
    first, then = lab.compare("map", narrow, middle), lab.compare("map", middle, wide)
    said = f"mAP {difference_text(first, 4)} from 25 to 100 km, {difference_text(then, 4)} from 100 to 200"
    return Verdict(first.low > 0 and then.mean < first.mean / 4, said)


@check("E4c", DIR, "The stronger the distance decay, the higher the recall ceiling of the same radius.")
def strong_decay_needs_less(lab: Lab) -> Verdict:
    ceiling = {decay: lab.value("ceiling", Design(decay=decay)) for decay in (1.0, 2.0, 3.0)}
    said = ", ".join(f"{share:.3f} at decay {decay:g}" for decay, share in ceiling.items())
    return Verdict(ceiling[1.0] < ceiling[2.0] < ceiling[3.0], said)


@check("E6", DIR, "Negative downsampling shifts the probabilities and barely changes the order.")
def negatives_move_chances(lab: Lab) -> Verdict:
    few, many = (Design(negatives=n, correct="no") for n in (1, 0))
    ranked = lab.compare("map", many, few)
    off = [lab.value("calibration", design) for design in (few, many)]
    said = f"calibration error {off[0]:.2f} with one negative each, {off[1]:.2f} with all"
    return Verdict(off[0] > 4 * off[1] and abs(ranked.mean) < 0.04, f"{said}; mAP {difference_text(ranked, 4)}")


@check("E6b", DIR, "The downsampling formula restores calibration without a change of order.")
def a_formula_repairs_them(lab: Lab) -> Verdict:
    raw, mended = (Design(negatives=1, correct=choice) for choice in ("no", "yes"))
    same = (lab.per_query("map", raw) == lab.per_query("map", mended)).all()
    off = [lab.value("calibration", design) for design in (raw, mended)]
    return Verdict(bool(same and off[1] < off[0] / 3), f"calibration error {off[0]:.2f} → {off[1]:.2f}, same order")


@check("E7", DIR, "A random split overestimates against a time split: counts leak from the future.")
def random_rows_flatter(lab: Lab) -> Verdict:
    later, random = (lab.estimate("map", Design(judged=judged)) for judged in ("later", "random"))
    said = f"mAP over eight shown {random.value:.3f} ({random.low:.3f} to {random.high:.3f}) at random visits"
    return Verdict(
        random.low > later.high, f"{said}, {later.value:.3f} ({later.low:.3f} to {later.high:.3f}) in a later week"
    )


@check("E8", INV, "With the filter at the request, no expired event is ever shown.")
def begun_events_never_show(lab: Lab) -> Verdict:
    designs = (Design(), Design(serving="batch", refresh_h=72), Design(serving="hybrid", refresh_h=72))
    worst = max(lab.per_query("begun@10", design).max() for design in designs)
    return Verdict(bool(worst == 0), f"largest share of anybody's first ten: {worst:.1f}")


@check("E8b", DIR, "Without the filter, the feature “hours left” lets the ranker avoid expired events.")
def hours_left_tell(lab: Lab) -> Verdict:
    knowing, blind = (lab.value("begun@10", Design(expired="keep", features=names)) for names in ("all", "no time"))
    said = f"of the first ten had begun {knowing:.2%} with the hours left, {blind:.2%} without the time features"
    return Verdict(knowing < 0.005 and blind > 5 * max(knowing, 1e-4), said)


@check("E9", DIR, "More training visits raise mAP, and the last doubling still pays.")
def more_visits_rank_better(lab: Lab) -> Verdict:
    tenth, half, whole = (Design(learnt_from=share) for share in (0.1, 0.5, 1.0))
    first, last = lab.compare("map", tenth, half), lab.compare("map", half, whole)
    said = f"mAP {difference_text(first, 4)} from 10 to 50 % of the visits, {difference_text(last, 4)} from 50 to 100 %"
    return Verdict(first.low > 0 and last.low > 0, said)


@check("E9-flip", FLIP, "With 10 % of the training visits, GBDT is no better than logistic regression.")
def few_visits_suit_a_line(lab: Lab) -> Verdict:
    """Trees over logistic regression, both learning from a tenth of the visits and from all."""
    few, whole = (
        lab.compare("map", Design(learnt_from=share, model="lr"), Design(learnt_from=share)) for share in (0.1, 1.0)
    )
    said = f"trees ahead by {difference_text(few, 4)} with 10 % of the visits, {difference_text(whole, 4)} with all"
    return Verdict(few.low <= 0 < whole.low, said)
