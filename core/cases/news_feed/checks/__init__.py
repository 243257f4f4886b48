"""What the news feed teaches: each sentence a reader is told, with the runs that say whether it holds."""

from core.cases.news_feed.checks import funnel, heads, learning, serving

CHECKS = tuple(check for part in (heads, learning, funnel, serving) for check in part.check.all)
