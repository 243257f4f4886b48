"""What ad click prediction teaches: each sentence a reader is told, with the runs that say whether it holds."""

from core.cases.ad_click.checks import ageing, chances, models, money, serving, sizes

CHECKS = tuple(check for part in (serving, models, chances, ageing, sizes, money) for check in part.check.all)
