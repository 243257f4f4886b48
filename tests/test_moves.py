"""Undo and redo over the designs of a session."""

from types import SimpleNamespace

import pytest

from core.ui import moves, state
from core.ui.case import comparison_bar
from tests.toy_case import CASE, ToyDesign

ONE, TWO, THREE = ToyDesign(dim=4), ToyDesign(dim=16), ToyDesign(dim=64)


@pytest.fixture
def session(monkeypatch):
    """A visitor's session without a server."""
    kept = SimpleNamespace(session_state={})
    for module in (moves, state):
        monkeypatch.setattr(module, "st", kept)
    return kept.session_state


def opened(*designs, seed=0):
    for design in designs:
        made = moves.follow(CASE, design, seed)
    return [design for design, _ in made]


def shown(session):
    """(design, seed) in the widgets, which a page follows once it is drawn."""
    design = ToyDesign(**{name: session[f"toy.{name}"] for name in ("noise", "dim", "index", "effort")})
    return design, session["toy.seed"]


def test_a_redraw_of_the_same_design_is_no_move(session):
    assert opened(ONE, ONE, TWO, TWO) == [ONE, TWO]


def test_the_first_design_has_nothing_before_it(session):
    opened(ONE)
    assert not moves.can_undo(CASE) and not moves.can_redo(CASE)
    moves.undo(CASE)
    moves.redo(CASE)
    assert opened(ONE) == [ONE] and "toy.dim" not in session


def test_undo_and_redo_load_the_designs_before_and_after(session):
    opened(ONE, TWO, THREE)
    moves.undo(CASE)
    assert shown(session) == (TWO, 0) and opened(TWO) == [ONE, TWO]
    moves.undo(CASE)
    assert shown(session) == (ONE, 0) and opened(ONE) == [ONE] and not moves.can_undo(CASE)
    moves.redo(CASE)
    assert shown(session) == (TWO, 0) and opened(TWO) == [ONE, TWO]
    moves.redo(CASE)
    assert shown(session) == (THREE, 0) and opened(THREE) == [ONE, TWO, THREE] and not moves.can_redo(CASE)


def test_a_new_design_after_an_undo_forgets_what_was_undone(session):
    opened(ONE, TWO)
    moves.undo(CASE)
    assert opened(ONE, THREE) == [ONE, THREE] and not moves.can_redo(CASE)


def test_another_seed_is_a_move_and_is_undone_with_its_seed(session):
    opened(ONE, seed=3)
    opened(ONE, seed=4)
    moves.undo(CASE)
    assert shown(session) == (ONE, 3)


def test_an_undo_keeps_the_attempts(session):
    opened(ONE, TWO, THREE)
    moves.undo(CASE)
    opened(TWO)
    assert [pin.design for pin in comparison_bar.attempts(CASE)] == [THREE, TWO, ONE]


def test_the_moves_and_the_attempts_of_a_long_session_are_bounded(session):
    for _ in range(moves.MOST):
        made = opened(ONE, TWO)
    assert len(made) == moves.MOST and len(moves.opened(CASE)) == moves.MOST
    assert made[-1] == TWO
