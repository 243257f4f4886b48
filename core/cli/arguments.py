"""What several commands take: a case or all of them, a seed, and the knobs of a design."""

from __future__ import annotations

import argparse
import sys

from core.catalog import BROKEN, BY_SLUG
from core.contract.case import SEED, Case
from core.contract.design import MOST_SEED, Design, from_query, read_seed


def one_case(parser: argparse.ArgumentParser) -> None:
    """The case, by its slug."""
    parser.add_argument("case", choices=sorted({*BY_SLUG, *BROKEN}))


def one_or_all(parser: argparse.ArgumentParser) -> None:
    """The case, or none for all."""
    parser.add_argument("case", choices=sorted({*BY_SLUG, *BROKEN}), nargs="?", help="all of them without it")


def seed(parser: argparse.ArgumentParser) -> None:
    """The seed of data and training."""
    parser.add_argument("--seed", type=_seed_number, default=SEED, help=f"0 to {MOST_SEED:,}, as links carry it")


def _seed_number(text: str) -> int:
    """The seed that an argument names; a usage error for what no link can name."""
    number = read_seed(text)
    if number is None:
        raise argparse.ArgumentTypeError(f"“{text[:40]}” is not a whole number from 0 to {MOST_SEED:,}")
    return number


def knob_options(parser: argparse.ArgumentParser) -> None:
    """Knobs that differ from the default design."""
    parser.add_argument("--set", nargs="*", default=[], metavar="knob=option")


def case_of(asked: argparse.Namespace) -> Case:
    """The case that was named."""
    return BY_SLUG[asked.case]


def cases_of(asked: argparse.Namespace) -> list[Case]:
    """The case that was named, or all of them."""
    return [BY_SLUG[asked.case]] if asked.case else list(BY_SLUG.values())


def left_out(asked: argparse.Namespace) -> bool:
    """Whether cases that were meant cannot be loaded; each of them is named."""
    for message in BROKEN.values() if not asked.case else ():
        print(message, file=sys.stderr)
    return bool(BROKEN) and not asked.case


def design_of(case: Case, asked: argparse.Namespace) -> Design:
    """The design of the knobs that were set; what could not be read of them is told."""
    pairs = dict(text.partition("=")[::2] for text in asked.set)
    given = {name: pairs.pop(name) for name in ("seed", "v") if name in pairs}  # a link has these, a command does not
    design, _, notes = from_query(case.Design, pairs)
    notes += [f"“{name}” is not a knob of this case and was left out; there is --seed." for name in given]
    for note in notes:
        print(note, file=sys.stderr)
    return design
