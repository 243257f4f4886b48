"""What Street View blurring teaches: each sentence a reader is told, with the runs that say whether it holds."""

from core.cases.street_view_blurring.checks import conditions, networks, reading, second_look, serving, thresholds

MODULES = (thresholds, reading, second_look, networks, serving, conditions)  # in the order of the page
CHECKS = tuple(check for module in MODULES for check in module.CHECKS)
