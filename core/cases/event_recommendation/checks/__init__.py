"""What event recommendation teaches: each sentence a reader is told, with the runs that say whether it holds."""

from core.cases.event_recommendation.checks import choices, lists, rankers, serving

CHECKS = (*lists.check.all, *rankers.check.all, *choices.check.all, *serving.check.all)
