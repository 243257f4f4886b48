"""What the checks of all cases said on this server: their states, how many of each, and what stands beside them."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cachetools

from core.checks.common import checks_of
from core.contract.case import Case, Published
from core.contract.check import KINDS, Check, Verdict

HOLDS, FAILS, FAILS_AS_KNOWN = "holds", "fails", "fails as known"
COULD_NOT_RUN, NOT_RUN = "could not run", "not run yet"
STATES = (HOLDS, FAILS, FAILS_AS_KNOWN, COULD_NOT_RUN, NOT_RUN)
MOST = 20_000  # verdicts of some 200 bytes: the checks of sixty seeds


class Store:
    """Verdicts by case, check and seed, oldest use out first; safe to use from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._found: cachetools.LRUCache = cachetools.LRUCache(most)
        self._lock = threading.Lock()

    def known(self, case: Case, check: Check, seed: int) -> Verdict | None:
        """What the check said here under this seed, or None where it has not run."""
        with self._lock:
            return self._found.get((case.slug, check.id, seed))

    def add(self, case: Case, check: Check, seed: int, verdict: Verdict) -> None:
        """Write a verdict down; a later run of the same check takes its place."""
        with self._lock:
            self._found[case.slug, check.id, seed] = verdict

    def clear(self) -> None:
        """Forget every verdict."""
        with self._lock:
            self._found.clear()


VERDICTS = Store()


@dataclass(frozen=True)
class Claim:
    """A check of a case beside what it said here; `verdict` is None where it has not run."""

    case: Case
    check: Check
    seed: int
    verdict: Verdict | None

    @property
    def address(self) -> str:
        """The claim's name in a link, as “visual_search/V1”."""
        return f"{self.case.slug}/{self.check.id}"

    @property
    def state(self) -> str:
        """One of STATES."""
        return state_of(self.check, self.verdict)

    @property
    def waiting(self) -> bool:
        """True where running it would tell something new: it has not run, or could not."""
        return self.state in (NOT_RUN, COULD_NOT_RUN)


def state_of(check: Check, verdict: Verdict | None) -> str:
    """One of STATES; a check that could not run has neither held nor failed as known."""
    if verdict is None:
        return NOT_RUN
    if not verdict.ran:
        return COULD_NOT_RUN
    if verdict.holds:
        return HOLDS
    return FAILS_AS_KNOWN if check.known_failure else FAILS


def claims(cases: Iterable[Case], seed: int, store: Store = VERDICTS) -> list[Claim]:
    """Every check of these cases, in their order, with what it said here under this seed."""
    return [Claim(case, check, seed, store.known(case, check, seed)) for case in cases for check in checks_of(case)]


def chosen(told: Iterable[Claim], case: str = "", kind: str = "", state: str = "") -> list[Claim]:
    """The claims of a case (its slug), a kind and a state; an empty filter lets everything through."""
    return [
        each
        for each in told
        if case in ("", each.case.slug) and kind in ("", each.check.kind) and state in ("", each.state)
    ]


def counts(told: Iterable[Claim]) -> dict[str, int]:
    """How many claims are in each of STATES, zeros included."""
    found = dict.fromkeys(STATES, 0)
    for each in told:
        found[each.state] += 1
    return found


def headline(told: Sequence[Claim]) -> str:
    """How many checks there are and have run, and what these said, in one sentence."""
    found, cases = counts(told), len({each.case.slug for each in told})
    ran = sum(found[state] for state in (HOLDS, FAILS, FAILS_AS_KNOWN))
    listed = f"{_many(len(told), 'check')} over {_many(cases, 'case')}"
    broken = f", {found[COULD_NOT_RUN]} could not run" if found[COULD_NOT_RUN] else ""
    if not ran:
        return f"{listed}; none of them has run on this server yet{broken}."
    said = f"{found[HOLDS]} hold, {found[FAILS]} fail, {found[FAILS_AS_KNOWN]} fail as known"
    return f"{listed}; {ran} ran on this server: {said}{broken}."


def beside(case: Case, published: Published, seed: int, store: Store = VERDICTS) -> list[Claim]:
    """The claims that say whether ours points the way of a published figure; empty where no check does."""
    by_id = {check.id: check for check in checks_of(case)}
    named = (by_id[id] for id in published.agrees)
    return [Claim(case, check, seed, store.known(case, check, seed)) for check in named]


def direction(told: Sequence[Claim]) -> str:
    """Whether ours points the way of the published figure that these claims stand beside; plain where none does."""
    states = {each.state for each in told}
    if not told:
        return "no check compares the direction"
    if states & {NOT_RUN, COULD_NOT_RUN}:
        return "not known here, a check has not run"
    return "the same" if states == {HOLDS} else "not the same"


def as_rows(told: Iterable[Claim]) -> list[dict[str, Any]]:
    """The claims as plain rows for a file, with what is known of why one fails."""
    return [
        {
            "case": each.case.slug,
            "id": each.check.id,
            "sentence": each.check.sentence,
            "kind": KINDS[each.check.kind],
            "seed": each.seed,
            "state": each.state,
            "numbers": each.verdict.numbers if each.verdict else "",
            "known_failure": each.check.known_failure,
        }
        for each in told
    ]


def as_csv(told: Sequence[Claim]) -> str:
    """The claims as CSV with a header, one line a claim."""
    file = io.StringIO()
    names = ["case", "id", "sentence", "kind", "seed", "state", "numbers", "known_failure"]
    writer = csv.DictWriter(file, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_rows(told))
    return file.getvalue()


def as_json(told: Sequence[Claim], measured_on: Mapping[str, Any]) -> str:
    """The claims as JSON with their counts and with the machine and versions that they ran on."""
    whole = {"measured_on": dict(measured_on), "counts": counts(told), "checks": as_rows(told)}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _many(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
