"""The fields of a design file that are read back; the others, its tables and prices, are for other programs."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

MOST_LETTERS = 2_000  # of a name or a value

Name = Annotated[str, Field(max_length=MOST_LETTERS)]
Option = Annotated[str, Field(max_length=MOST_LETTERS)] | bool | int | float | None


class DesignPart(BaseModel):
    """The case, the design as a link has it, and its figures then."""

    case: Name
    design: dict[Name, Option]
    figures: dict[Name, float | None] = {}
