"""`lint`: say in sentences what a case still lacks."""

from __future__ import annotations

import argparse

from core.checks import case_lint
from core.cli.arguments import cases_of, left_out, one_or_all

WORDS = "say in sentences what a case still lacks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_or_all(parser)


def run_command(asked: argparse.Namespace) -> int:
    """Print what lacks; 1 where anything does."""
    n_lacking = 0
    for case in cases_of(asked):
        lacks = case_lint.lacks(case)
        n_lacking += bool(lacks)
        for sentence in lacks:
            print(f"{case.slug}: {sentence}")
        for sentence in case_lint.optional(case):
            print(f"{case.slug}: optional, and not there: {sentence}")
        if not lacks:
            print(f"{case.slug}: nothing lacks")
    return 1 if left_out(asked) or n_lacking else 0
