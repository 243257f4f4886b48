"""Pictures that many designs show are kept once: the same queries and mostly the same answers, design after design."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from core.contract.answer import Answer, Item
from core.runtime.memo import nbytes

DISTINCT = 0.25  # of the bytes of pictures at most, over a sweep of visual search (tests/test_pictures.py)
_KEPT: WeakValueDictionary[Hashable, np.ndarray] = WeakValueDictionary()


def shared(shown: Any) -> Any:
    """The same answers, with pictures that are kept already in the place of equal ones; anything else as it is."""
    return tuple(map(_answer, shown)) if _pictures(shown) else shown


def kept_bytes(shown: Any) -> int:
    """About what keeping it takes beside what is kept already."""
    return int(nbytes(shown) * (DISTINCT if _pictures(shown) else 1.0))


def _pictures(shown: Any) -> bool:
    return isinstance(shown, tuple) and bool(shown) and all(isinstance(one, Answer) for one in shown)


def _answer(answer: Answer) -> Answer:
    return Answer(_item(answer.query), tuple(map(_item, answer.exact)), tuple(map(_item, answer.served)))


def _item(item: Item | None) -> Item | None:
    if item is None:
        return None
    key = item.pixels.shape, hashlib.blake2b(item.pixels.tobytes(), digest_size=16).digest()
    return replace(item, pixels=_KEPT.setdefault(key, item.pixels))
