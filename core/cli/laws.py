"""`laws`: measure the scaling laws that ship."""

from __future__ import annotations

import argparse

from core.cli.arguments import cases_of, left_out, one_or_all
from core.scaling.record import record_laws

WORDS = "measure the scaling laws that ship, for one case or for all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_or_all(parser)


def run_command(asked: argparse.Namespace) -> int:
    """Measure the scaling laws of a case, or of all and of every index kind, and keep them."""
    record_laws(cases_of(asked), every=not asked.case, tell=lambda text: print(text, flush=True))
    return 1 if left_out(asked) else 0
