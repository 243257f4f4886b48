"""What the checks of all cases said here, or where they were recorded: states, counts, and what stands beside them."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cachetools

from core.checks.common import checks_of
from core.contract.case import Case, Published
from core.contract.check import DEF, DIR, EMPIRICAL, FLIP, INV, KINDS, Check, Verdict, verdict_of
from core.runtime.recorded import RecordedVerdict, recorded_verdicts

Record = Mapping[tuple[str, str, int], RecordedVerdict]

HOLDS, FAILS, FAILS_AS_KNOWN = "passes", "fails", "fails as known"
COULD_NOT_RUN, NOT_RUN = "could not run", "not run yet"
STATES = (HOLDS, FAILS, FAILS_AS_KNOWN, COULD_NOT_RUN, NOT_RUN)
SAID = {HOLDS: "pass", FAILS: "fail", FAILS_AS_KNOWN: "fail as known"}  # of several checks
CHANCE = 0.05  # that an interval of 95 % misses
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
class CheckResult:
    """A check of a case beside its verdict, which is None where there is none.

    `origin` is empty for a verdict of this server, else where and when it was recorded.
    """

    case: Case
    check: Check
    seed: int
    verdict: Verdict | None
    origin: str = ""

    @property
    def address(self) -> str:
        """Its name in a link, as “visual_search/V1”."""
        return f"{self.case.slug}/{self.check.id}"

    @property
    def state(self) -> str:
        """One of STATES."""
        return state_of(self.check, self.verdict)

    @property
    def waiting(self) -> bool:
        """True where running it would tell something new: it has not run here, or could not."""
        return bool(self.origin) or self.state in (NOT_RUN, COULD_NOT_RUN)

    def __reduce__(self) -> Any:
        """To another process it goes by its address, since that process has the same checks and no function travels."""
        return named_check, (self.case, self.check.id, self.seed)


def named_check(case: Case, id: str, seed: int) -> CheckResult:
    """A check by its id, without a verdict. Raises StopIteration where the case has none of it."""
    return CheckResult(case, next(check for check in checks_of(case) if check.id == id), seed, None)


def run_check(claim: CheckResult) -> Verdict:
    """What a check says now; where it raises, the verdict says so."""
    return verdict_of(claim.check, claim.seed)


def state_of(check: Check, verdict: Verdict | None) -> str:
    """One of STATES; a check that could not run has neither held nor failed as known."""
    if verdict is None:
        return NOT_RUN
    if not verdict.ran:
        return COULD_NOT_RUN
    if verdict.holds:
        return HOLDS
    return FAILS_AS_KNOWN if check.known_failure else FAILS


def check_results(
    cases: Iterable[Case], seed: int, store: Store = VERDICTS, record: Record | None = None
) -> list[CheckResult]:
    """Every check of these cases, in their order, with its verdict under this seed.

    A verdict of this server replaces the recorded one. `record` is the committed one unless another is given.
    """
    kept = _committed() if record is None else record
    return [_result(case, check, seed, store, kept) for case in cases for check in checks_of(case)]


def _committed() -> Record:
    try:
        return recorded_verdicts()
    except ValueError:
        return {}  # every check can run here, so a record that cannot be read takes nothing from the page


def _result(case: Case, check: Check, seed: int, store: Store, record: Record) -> CheckResult:
    here, kept = store.known(case, check, seed), record.get((case.slug, check.id, seed))
    if here is not None or kept is None or kept.sentence != check.sentence:  # a verdict is of one sentence
        return CheckResult(case, check, seed, here)
    return CheckResult(case, check, seed, Verdict(kept.holds, kept.numbers, kept.ran), kept.origin)


def chosen(results: Iterable[CheckResult], case: str = "", kind: str = "", state: str = "") -> list[CheckResult]:
    """The results of a case (its slug), a kind and a state; an empty filter lets everything through."""
    return [
        result
        for result in results
        if case in ("", result.case.slug) and kind in ("", result.check.kind) and state in ("", result.state)
    ]


def counts(results: Iterable[CheckResult]) -> dict[str, int]:
    """How many results are in each of STATES, zeros included."""
    found = dict.fromkeys(STATES, 0)
    for result in results:
        found[result.state] += 1
    return found


def headline(results: Sequence[CheckResult]) -> str:
    """How many checks there are and what they said here and where they were recorded; definitions are counted apart."""
    n_cases = len({result.case.slug for result in results})
    groups = [(where, [r for r in results if r.origin == where and r.verdict]) for where in _origins(results)]
    told = [f"{_n_ran(some)} {where or 'ran on this server'}: {_said(some)}" for where, some in groups if some]
    left = counts(results)[NOT_RUN]
    rest = [f"{left} not run yet"] if told and left else []
    listed = f"{_many(len(results), 'check')} over {_many(n_cases, 'case')}"
    return f"{listed}; {'; '.join([*told, *rest]) or 'none of them has run on this server yet'}."


def _origins(results: Iterable[CheckResult]) -> list[str]:
    """This server first, then every place that verdicts were recorded at."""
    return list(dict.fromkeys(["", *(result.origin for result in results)]))


def _n_ran(results: Sequence[CheckResult]) -> int:
    return sum(result.state in SAID for result in results)


def _said(results: Sequence[CheckResult]) -> str:
    by_state = counts(results)
    defined = sum(result.state == HOLDS and result.check.kind == DEF for result in results)
    by_state[HOLDS] -= defined
    said = ", ".join(f"{by_state[state]} {word}" for state, word in SAID.items())
    apart = f", {defined} true by definition" if defined else ""
    return f"{said}{apart}{f', {by_state[COULD_NOT_RUN]} could not run' if by_state[COULD_NOT_RUN] else ''}"


def kinds_text(results: Sequence[CheckResult]) -> str:
    """How many checks there are of each kind, those by definition apart, and how many say the wrong thing by chance."""
    n = Counter(result.check.kind for result in results)
    findings = (
        f"{n[DIR]} of what this data says, {n[FLIP]} of what reverses when it changes, {n[INV]} of what always holds"
    )
    judged = sum(n[kind] for kind in EMPIRICAL)
    chance = f"{CHANCE * judged:.0f} of the {judged} that rest on data would say the wrong thing by chance alone"
    return f"By kind: {findings}; {n[DEF]} more are true by definition. At the 95 % level, {chance}."


def beside(
    case: Case, published: Published, seed: int, store: Store = VERDICTS, record: Record | None = None
) -> list[CheckResult]:
    """The results that say whether ours points the way of a published figure; empty where no check does."""
    by_id = {result.check.id: result for result in check_results([case], seed, store, record)}
    return [by_id[id] for id in published.agrees]


def direction(results: Sequence[CheckResult]) -> str:
    """Whether ours points the way of the published figure that these results stand beside; plain where none does."""
    states = {result.state for result in results}
    if not results:
        return "no check compares the direction"
    if states & {NOT_RUN, COULD_NOT_RUN}:
        return "not known here, a check has not run"
    return "the same" if states == {HOLDS} else "not the same"


def as_rows(results: Iterable[CheckResult]) -> list[dict[str, Any]]:
    """The results as plain rows for a file, with what is known of why one fails."""
    return [
        {
            "case": result.case.slug,
            "id": result.check.id,
            "sentence": result.check.sentence,
            "kind": KINDS[result.check.kind],
            "seed": result.seed,
            "state": result.state,
            "numbers": result.verdict.numbers if result.verdict else "",
            "measured": result.origin or ("here" if result.verdict else ""),
            "known_failure": result.check.known_failure,
        }
        for result in results
    ]


def as_csv(results: Sequence[CheckResult]) -> str:
    """The results as CSV with a header, one line a result."""
    file = io.StringIO()
    names = ["case", "id", "sentence", "kind", "seed", "state", "numbers", "measured", "known_failure"]
    writer = csv.DictWriter(file, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_rows(results))
    return file.getvalue()


def as_json(results: Sequence[CheckResult], measured_on: Mapping[str, Any]) -> str:
    """The results as JSON with their counts and with the machine and versions that they ran on."""
    whole = {"measured_on": dict(measured_on), "counts": counts(results), "checks": as_rows(results)}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _many(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
