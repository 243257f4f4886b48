"""`new`: write the files of a new case that runs."""

from __future__ import annotations

import argparse
import sys

from core.runtime.scaffold import ROOT, create

WORDS = "write the files of a new case that runs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("slug", help="its name in files and links, e.g. digits")


def run_command(asked: argparse.Namespace) -> int:
    """Write the files and name them; 2 for a name that cannot be used."""
    try:
        written = create(asked.slug)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for path in written:
        print(path.relative_to(ROOT))
    print(f"It runs: python -m core run {asked.slug}. What it lacks: python -m core lint {asked.slug}", file=sys.stderr)
    return 0
