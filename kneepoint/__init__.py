"""The installed package: its folder holds what the root of the repository holds, so core/ finds data/ in both."""

import sys
from pathlib import Path

FOLDER = str(Path(__file__).resolve().parent)


def main() -> int:
    """The command `kneepoint`: `python -m core`, with this package's core first on the path; returns the exit code."""
    sys.path.insert(0, FOLDER)
    from core.__main__ import main as command

    return command()
