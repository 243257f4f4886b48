"""The moves of a session on a case page: the designs in their order, undo and redo."""

from __future__ import annotations

from typing import TypeAlias

import streamlit as st

from core.contract.case import Case
from core.contract.design import Design
from core.ui import state

MOST = 50  # moves that are kept
Move: TypeAlias = tuple[Design, int]  # the design and its seed


def follow(case: Case, design: Design, seed: int) -> list[Move]:
    """The moves up to the present design, which is the last of them; a new design forgets what was undone."""
    made, undone = _made(case), _undone(case)
    if not made or made[-1] != (design, seed):
        made.append((design, seed))
        del made[:-MOST]
        undone.clear()
        _opened(case).append((design, seed))
        del _opened(case)[:-MOST]
    return made


def last(case: Case) -> Move | None:
    """The design that the session saw last; None at first."""
    made = _made(case)
    return made[-1] if made else None


def opened(case: Case) -> list[Move]:
    """Every design that the session has opened, in their order; an undo takes none away."""
    return list(_opened(case))


def can_undo(case: Case) -> bool:
    """True when there is a design to go back to."""
    return len(_made(case)) > 1


def can_redo(case: Case) -> bool:
    """True after an undo."""
    return bool(_undone(case))


def undo(case: Case) -> None:
    """Load the design before the present one; only before the widgets are drawn, so in a callback."""
    made = _made(case)
    if len(made) > 1:
        _undone(case).append(made.pop())
        state.load(case, *made[-1])


def redo(case: Case) -> None:
    """Load the design that was undone last; only before the widgets are drawn, so in a callback."""
    if _undone(case):
        _made(case).append(_undone(case).pop())
        state.load(case, *_made(case)[-1])


def _made(case: Case) -> list[Move]:
    return st.session_state.setdefault(state.key(case, "moves"), [])


def _undone(case: Case) -> list[Move]:
    return st.session_state.setdefault(state.key(case, "undone"), [])


def _opened(case: Case) -> list[Move]:
    return st.session_state.setdefault(state.key(case, "opened"), [])
