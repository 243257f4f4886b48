"""A value as part of a cache key: the same object is the same key, and its contents are never read."""

from __future__ import annotations

from typing import Any


class ById:
    """Equal only to the same object, which it keeps alive so that its identity is not given to another."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ById) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)
