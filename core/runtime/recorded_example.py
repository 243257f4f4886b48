"""One example of a design's answers as a text in its recorded row: a page has pictures before it measures."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np

from core.contract.answer import Answer, Item


def to_text(shown: Any) -> str:
    """The last of the answers that a page shows; empty for a case that shows something else."""
    if not isinstance(shown, tuple) or not shown or not isinstance(shown[-1], Answer):
        return ""
    answer = shown[-1]
    parts = {"query": _packed(answer.query)}
    return json.dumps(parts | {name: [_packed(i) for i in getattr(answer, name)] for name in ("exact", "served")})


def from_text(text: Any) -> tuple[Answer, ...]:
    """The answer of such a text, or nothing for an empty one. Raises ValueError for another text."""
    if not isinstance(text, str) or not text:  # a row without an example
        return ()
    try:
        parts = json.loads(text)
        sets = (tuple(map(_unpacked, parts[name])) for name in ("exact", "served"))
        return (Answer(_unpacked(parts["query"]), *sets),)
    except (KeyError, TypeError, OSError) as error:
        raise ValueError(f"this is no recorded example: {error}") from None


def _packed(item: Item | None) -> Any:
    from PIL import Image  # only the recording of a case with pictures needs it

    if item is None:
        return None
    buffer = io.BytesIO()
    Image.fromarray(item.pixels.squeeze()).save(buffer, "png", optimize=True)
    return [base64.b64encode(buffer.getvalue()).decode(), item.name, item.right]


def _unpacked(packed: Any) -> Any:
    from PIL import Image

    if packed is None:
        return None
    png, name, right = packed
    return Item(np.asarray(Image.open(io.BytesIO(base64.b64decode(png)))), name, bool(right))
