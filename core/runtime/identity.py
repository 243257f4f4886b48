"""A value as part of a cache key: the same object is the same key, and its contents are never read."""

from __future__ import annotations

import weakref
from typing import Any


class ById:
    """Equal only to the same object. Holds it weakly where it can, so that no cache keeps a measurement alive."""

    __slots__ = ("_hash", "_held")

    def __init__(self, value: Any) -> None:
        self._hash = id(value)
        try:
            self._held = weakref.ref(value)
        except TypeError:  # a tuple or a text: kept alive, so that its identity is not given to another
            self._held = lambda: value

    @property
    def value(self) -> Any:
        """The object itself; None when it is gone."""
        return self._held()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ById) and self.value is not None and self.value is other.value

    def __hash__(self) -> int:
        return self._hash
