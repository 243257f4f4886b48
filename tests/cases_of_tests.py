"""Which cases a test runs on: every one in the complete run, and a few that differ most in the fast one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from core.contract.case import Case

FAST = ("visual_search", "harmful_content")  # an index with a batch store; models, people who are paid and no index


def few_or_all(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Parametrises `case`; all but FAST, and a case that is not of the catalog, are slow."""
    params = [
        pytest.param(case, id=case.slug, marks=() if case.slug in (*FAST, "toy") else pytest.mark.slow)
        for case in cases
    ]
    return pytest.mark.parametrize("case", params)
