"""What more training data teaches."""

from __future__ import annotations

from dataclasses import replace

from core.cases.people_you_may_know.checks.designs import NETWORK, TREES
from core.cases.people_you_may_know.design import PeopleYouMayKnow
from core.cases.people_you_may_know.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, Verdict

check = Checks(PeopleYouMayKnow, run, stages)
N_WORLDS = 5  # one world's draw of the people to learn from moves the trees as much as half of the pairs does


@check("P11", DIR, "Ten times the training pairs gain GBDT less than 1.5 points of recall.")
def more_pairs(lab: Lab) -> Verdict:
    tenth, half = (replace(TREES, learnt_from=share) for share in (0.1, 0.5))
    whole, last = (lab.compare_pooled("recall@10", base, TREES, N_WORLDS) for base in (tenth, half))
    times = f"{difference_text(whole, 4)} from ten times the pairs"
    numbers = f"recall@10 {times}, of which the last doubling {difference_text(last, 4)}"
    return Verdict(whole.low > -0.01 and whole.high < 0.015, numbers)


@check(
    "P11 network",
    DIR,
    "As a scorer of friends of friends, LightGCN gains less than 1 point of recall from ten times the links.",
)
def more_links_for_network(lab: Lab) -> Verdict:
    gain = lab.compare_pooled("recall@10", replace(NETWORK, learnt_from=0.1), NETWORK, N_WORLDS)
    return Verdict(gain.high < 0.01, f"recall@10 {difference_text(gain, 4)} from ten times the links")
