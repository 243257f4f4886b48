"""What similar listings teaches: each sentence a reader is told, with the runs that say whether it holds."""

from core.cases.similar_listings.checks import learning, lookup, metrics, serving

CHECKS = (*learning.check.all, *serving.check.all, *lookup.check.all, *metrics.check.all)
