"""The month's bill of mistakes: rates of a run times prices that the reader sets. Every price is illustrative."""

from __future__ import annotations

from core.cases.harmful_content.policy import Rates

# name → (label, value, what it stands for and that nobody measured it)
DIALS: dict[str, tuple[str, float, str]] = {
    "usd_per_1000_views": (
        "$ per 1,000 harmful views", 1.0,
        "What harm seen costs: users who leave, advertisers, fines. Illustrative. Views count by severity.",
    ),
    "usd_per_wrong": ("$ per wrong removal", 0.5, "An appeal, and an author who may leave. Illustrative."),
    "usd_per_hour": ("$ per reviewer hour", 25.0, "Wage, training, care and room. Illustrative."),
    "seconds_per_review": ("Seconds per review", 30.0, "To read, decide and recover. Illustrative."),
    "views_per_post": ("Views of a post", 100.0, "The mean over all posts. Illustrative."),
}  # fmt: skip


def monthly(
    rates: Rates, posts: float, usd_per_1000_views: float, usd_per_wrong: float, usd_per_hour: float,
    seconds_per_review: float, views_per_post: float,
) -> dict[str, float]:  # fmt: skip
    """Dollars a month for `posts` posts a month, by what they are paid for."""
    thousands = posts / 1_000
    parts = {
        "harm seen": thousands * rates.harm * views_per_post / 1_000 * usd_per_1000_views,
        "wrong removals": thousands * rates.wrongly_removed * usd_per_wrong,
        "reviewers": thousands * rates.reviewed * seconds_per_review / 3_600 * usd_per_hour,
    }
    return {**parts, "together": sum(parts.values())}
