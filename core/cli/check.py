"""`check`: run the truth checks, one line a check."""

from __future__ import annotations

import argparse
import sys

from core.checks.common import checks_of
from core.checks.results import COULD_NOT_RUN, FAILS, FAILS_AS_KNOWN, CheckResult, headline
from core.cli.arguments import cases_of, left_out, one_or_all, seed
from core.contract.check import verdicts

WORDS = "run the truth checks, one line a check"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_or_all(parser)
    seed(parser)


def run_command(asked: argparse.Namespace) -> int:
    """Print every verdict with its numbers; 1 where one fails that is not known to, or could not run."""
    results = []
    for case in cases_of(asked):
        for check, verdict in verdicts(checks_of(case), asked.seed):
            result = CheckResult(case, check, asked.seed, verdict)
            results.append(result)
            as_known = result.state == FAILS_AS_KNOWN  # one that could not run has not failed as known
            known = f" (known: {check.known_failure})" if as_known else ""
            word = "holds" if verdict.holds else "fails"
            print(f"{word} {result.address} {check.sentence} [{verdict.numbers}]{known}", flush=True)
    print(headline(results), file=sys.stderr)
    return 1 if left_out(asked) or any(r.state in (FAILS, COULD_NOT_RUN) for r in results) else 0
