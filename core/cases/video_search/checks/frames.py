"""What looking at frames brings: how many, how they are pooled, and how many drawings teach it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from core.cases.video_search.checks.designs import CLIPS, VECTORS, queries_of
from core.cases.video_search.data.queries import ORDER
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict

check = Checks(VideoSearch, run, stages)


@check("S3", DIR, "More frames raise MRR, then hardly any more.")
def frames_pay_less_and_less(lab: Lab) -> Verdict:
    one, four, sixteen = (replace(VECTORS, frames=count) for count in (1, 4, 16))
    first, later = lab.compare("mrr@10", one, four), lab.compare("mrr@10", four, sixteen)
    said = f"MRR {difference_text(first)} from 1 to 4 frames, {difference_text(later)} from 4 to 16"
    return Verdict(first.low > 0 and abs(later.mean) < first.mean / 4, said)


@check("S3-cost", DEF, "The frames to encode grow exactly with the frames sampled.")
def looking_costs_by_frame(lab: Lab) -> Verdict:
    looked = {count: lab.run(replace(VECTORS, frames=count)).counts["frames"] for count in (1, 2, 4, 8)}
    return Verdict(all(looked[count] == count for count in looked), f"frames encoded per clip: {looked}")


@check(
    "S3-drawings",
    DIR,
    "For dense retrieval alone, a larger training set raises MRR, and the last doubling brings most.",
)
def every_drawing_counts(lab: Lab) -> Verdict:
    designs = [replace(VECTORS, learnt_from=share) for share in (0.1, 0.25, 0.5, 1.0)]
    steps = [lab.compare("mrr@10", few, more) for few, more in pairwise(designs)]
    holds = min(step.low for step in steps) > 0 and steps[-1].mean > max(step.mean for step in steps[:-1])
    said = ", ".join(difference_text(step) for step in steps)
    return Verdict(holds, f"MRR {said} from 10 % to 25 %, to 50 % and to all of the drawings")


@check(
    "S3-words",
    DIR,
    "In hybrid retrieval, ten times the training set brings less than a quarter of what it brings dense retrieval.",
)
def words_stand_in_for_drawings(lab: Lab) -> Verdict:
    alone, beside = (lab.compare("mrr@10", replace(design, learnt_from=0.1), design) for design in (VECTORS, CLIPS))
    said = f"{difference_text(alone)} from ten times the drawings for dense alone, {difference_text(beside)}"
    return Verdict(beside.low > 0 and beside.mean < alone.mean / 4, f"MRR {said} for hybrid")


@check("S4", DEF, "Without temporal queries, mean pooling is as good as mean + temporal difference.")
def mean_is_enough_without_order(lab: Lab) -> Verdict:
    mean = replace(VECTORS, order=0.0)
    over = lab.compare("mrr@10", mean, replace(mean, pooling="change"))
    said = f"the change adds {difference_text(over)} where no query speaks of order"
    return Verdict(over.mean == 0, said)


@check("S4-order", FLIP, "Where most queries are temporal, mean + temporal difference wins clearly.")
def order_needs_the_change(lab: Lab) -> Verdict:
    mean = replace(VECTORS, order=0.6)
    change = replace(mean, pooling="change")
    over = lab.compare("mrr@10", mean, change)
    about_order = lab.compare("mrr@10", mean, change, queries_of(lab, mean, [ORDER]))
    said = f"{difference_text(over)} in all, {difference_text(about_order)} to queries about order"
    return Verdict(over.low > 0.05, f"the change adds {said}")
