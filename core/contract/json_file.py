"""A JSON file that somebody brings: its size, its depth, its types and its lengths are checked before it is used.

Pydantic does the checking, and is imported only once there is a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound="BaseModel")
MOST_BYTES = 5_000_000
MOST_SHOWN = 60  # characters of a place in the file that are told


def parsed(content: str | bytes, what: str) -> dict[str, Any]:
    """The object in a file. Raises ValueError, for the reader, for too many bytes, no JSON or no object."""
    from pydantic_core import from_json

    if len(content) > MOST_BYTES:
        raise ValueError(f"The file is larger than {MOST_BYTES / 1e6:g} MB, so it is not {what}.")
    try:
        whole = from_json(content, allow_inf_nan=False)
    except ValueError as error:  # also what is not UTF-8, nested too deeply, or a number of thousands of digits
        raise ValueError(f"The file is broken: it is not JSON ({str(error)[:80]}), so it is not {what}.") from None
    if not isinstance(whole, dict):
        raise ValueError(f"This is not {what}.")
    return whole


def fitted(model: type[M], whole: dict[str, Any], what: str) -> M:
    """The object as a record. Raises ValueError, for the reader, with the first place that is wrong."""
    from pydantic import ValidationError

    try:
        return model.model_validate(whole, strict=True)
    except ValidationError as error:
        raise ValueError(f"This is not {what}, or it was changed: {_first(error)}.") from None


def _first(error: ValidationError) -> str:
    """Where the first mistake is and what is wrong there: “entries, 2, at_s: Input should be a valid number”."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ", ".join(str(part)[:MOST_SHOWN] for part in first["loc"])
    return f"{where}: {first['msg']}"
