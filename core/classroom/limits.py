"""How often something may be done: classes opened, students that join, submissions, codes that were wrong."""

from __future__ import annotations

import limits
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

RULES = {"open": "60 per hour", "join": "120 per minute", "submit": "20 per minute", "wrong code": "30 per minute"}
WORDS = {
    "open": "Many classes were opened here within the hour. Try again later.",
    "join": "Many join this class at this moment. Try again in a minute.",
    "submit": "You submitted often within the last minute. Wait a little.",
    "wrong code": "You tried many codes. Wait a minute before the next one.",
}


class TooOften(RuntimeError):
    """Something was done more often than it may be; says when to try again."""


class Limits:
    """Counts within moving windows, in this process."""

    def __init__(self, rules: dict[str, str] | None = None) -> None:
        self._rules = {name: limits.parse(text) for name, text in (RULES | (rules or {})).items()}
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def take(self, rule: str, who: str = "") -> None:
        """Count one use. Raises TooOften where there were too many."""
        if not self._windows.hit(self._rules[rule], rule, who):
            raise TooOften(WORDS[rule])
