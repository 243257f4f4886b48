"""What video recommendation teaches: each sentence a reader is told, with the runs that say whether it holds."""

from core.cases.video_recommendation.checks import compression, drift, funnel, learning, lists_and_indexes, people

MODULES = (lists_and_indexes, drift, funnel, learning, people, compression)  # in the order of the page
CHECKS = tuple(check for module in MODULES for check in module.CHECKS)
