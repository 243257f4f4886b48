"""Kneepoint without a browser: `python -m core run`, sweep, check …, or `kneepoint run` … once it is installed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from core.cli import app, arguments, check, export, grade, laws, lint, new, plan, record, run, sweep, worlds
from core.contract.missing_package import how_to_install
from core.datasets.files import DataError

COMMANDS = (run, sweep, check, record, worlds, laws, export, grade, plan, lint, new, app)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 fine, 1 a failure that is told, 2 unusable arguments)."""
    asked = _parser().parse_args(words)
    broken = arguments.BROKEN.get(getattr(asked, "case", None))
    if broken is not None:
        print(broken, file=sys.stderr)
        return 2
    try:
        return asked.command(asked)
    except DataError as error:  # a data file that cannot be used, with the command that mends it
        print(error, file=sys.stderr)
    except ImportError as error:
        print(how_to_install(error), file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for command in COMMANDS:
        command_parser = commands.add_parser(command.__name__.rsplit(".", 1)[1], help=command.WORDS)
        command_parser.set_defaults(command=command.run_command)
        command.add_arguments(command_parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
