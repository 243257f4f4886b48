"""What people you may know teaches: each sentence a reader is told, with the runs that say whether it holds."""

from core.cases.people_you_may_know.checks import bounds, networks, scorers, serving, training

CHECKS = tuple(check for part in (scorers, networks, serving, training, bounds) for check in part.check.all)
