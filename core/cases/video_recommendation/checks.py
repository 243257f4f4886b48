"""What video recommendation teaches: each sentence a reader is told, with the runs that say whether it holds."""

from __future__ import annotations

from core.cases.video_recommendation import lessons as l
from core.cases.video_recommendation import lessons_common as c
from core.contract.check import Check

CHECKS = (
    Check("G1", "A longer list never finds less, and no share exceeds one.", "INV", c.deeper_lists_find_no_less),
    Check("G2", "Turning a list round changes nDCG and leaves recall as it was.", "INV", c.order_matters_to_ndcg_alone),
    Check("G3", "Probing more lists never finds less, and probing all finds what a flat scan finds.", "INV",
          c.more_lists_never_lose),
    Check("G3b", "A wider walk through the graph finds no less.", "DIR", c.wider_walks_find_more),
    Check("G5", "An index takes the bytes its formula says, within a quarter.", "DIR", c.bytes_follow_the_law),
    Check("G6", "A flat scan compares with every film that has a vector, lists with a part.", "INV",
          c.flat_counts_are_exact),
    Check("G12", "The candidates of a weekly store hold fewer of the films that people go on to like.", "DIR",
          l.old_snapshots_lose),
    Check("R7", "The ten films that a weekly store shows people it could know are worse than those found at once.",
          "DIR", l.old_lists_lose,
          known_failure="most people ask in their first sitting, when the store has only the most liked films for "
          "them, and on this data those are nearly as good in the first ten"),
    Check("G12-flip", "If everybody asked a week after their last like, a weekly store would lose nothing.", "FLIP",
          l.nothing_new_nothing_lost),
    Check("G15", "A random split makes the same design look better than a split by time.", "DIR", l.random_flatters),
    Check("G15-flip", "With the dates shuffled nothing drifts, and the random split flatters far less.", "FLIP",
          l.no_drift_less_flattery),
    Check("R1", "More candidates lift the final list less and less.", "DIR", l.candidates_pay_less_and_less),
    Check("R1b", "The films that must be ranked are as many as are passed on.", "INV", l.ranking_is_linear),
    Check("R2", "No ranker beats the best order of its candidates, for no request.", "INV",
          l.candidates_are_the_ceiling),
    Check("R3", "The logQ correction lifts the recall of the two towers.", "DIR", l.logq_lifts),
    Check("R3-flip", "Where no film is more popular than another, logQ changes nothing.", "FLIP", l.logq_is_idle),
    Check("R4", "The plain product of ALS vectors beats a network over the same vectors.", "DIR", l.product_wins),
    Check("R4b", "The product finds its candidates by an index, the network must score every film.", "INV",
          l.network_scores_all),
    Check("R5", "More trees make better chances, by less and less.", "DIR", l.trees_pay_less_and_less),
    Check("R6", "More diversity shows more different films and fewer that are liked.", "DIR", l.variety_costs),
    Check("R7b", "Of the lists that a nightly job would write for everybody, fewer than one in a hundred is ever read.",
          "DIR", l.nightly_is_wasteful),
    Check("R8", "For newcomers the two towers find more than matrix factorisation.", "DIR", l.towers_for_newcomers),
    Check("R8b", "For people who are known, the two are about equal.", "DIR", l.equal_for_the_known),
    Check("R9", "A ranker taught by likes instead of views shows films that are liked more often when watched.", "DIR",
          l.likes_against_views,
          known_failure="the share does rise, by less than 358 requests can tell apart, and stars are a weak stand-in "
          "for time watched"),
    Check("R10", "Keeping places for the most liked films finds more for newcomers.", "DIR", l.popular_for_newcomers),
    Check("R10b", "The same narrows what is proposed to anybody.", "DIR", l.popular_narrows),
    Check("R11", "Numbers of 8 bits lose nothing that can be told apart, in less than a third of the memory.", "DIR",
          l.eight_bits_are_enough),
    Check("R11b", "A student of half the width finds nearly as much, in less than two thirds of the memory.", "DIR",
          l.students_know_nearly_as_much),
    Check("R11c", "Leaving out half of the weights saves less memory than 8 bits, and finds no more.", "DIR",
          l.pruning_is_a_poor_bargain),
)  # fmt: skip
