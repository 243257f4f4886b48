"""The cases in menu order: one line a case. One that cannot be loaded is named in BROKEN and takes no other with it."""

from __future__ import annotations

import copyreg
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from core.checks.interview_lint import unbacked
from core.contract import words
from core.contract.case import Case
from core.contract.missing_package import how_to_install

SLUGS = (
    "visual_search",
    "street_view_blurring",
    "video_search",
    "harmful_content",
    "video_recommendation",
    "event_recommendation",
    "ad_click",
    "similar_listings",
    "news_feed",
    "people_you_may_know",
)


def load(slugs: Iterable[str]) -> tuple[tuple[Case, ...], dict[str, str]]:
    """The cases that load, in order, and of each other one a sentence for the reader that says why it does not."""
    cases: list[Case] = []
    broken: dict[str, str] = {}
    for slug in slugs:
        try:
            cases.append(load_case(slug))
        except (Exception, SystemExit) as error:  # whatever a case raises as it is imported, the others stay
            said = how_to_install(error) if isinstance(error, ImportError) else error
            why = " ".join(f"{type(error).__name__}: {said}".split())  # on one line
            broken[slug] = f"The case “{slug}” is left out, since it cannot be loaded: {why}"
    return tuple(cases), broken


def load_case(slug: str) -> Case:
    """The CASE of the package core.cases.<slug>.

    Raises what its import raises, and ValueError for another slug or a remark of its interview that nothing backs.
    """
    package = import_module(f"core.cases.{slug}")
    case = package.CASE
    if case.slug != slug:
        raise ValueError(f"its slug is “{case.slug}”, not the name of its folder")
    for name in unbacked(case):
        where = words.place(Path(package.__file__).with_name("interview.toml"), name)
        raise ValueError(f"{where}: a remark rests on “{name}”, which is no check and no source of the case")
    return case


CASES, BROKEN = load(SLUGS)
BY_SLUG = {case.slug: case for case in CASES}


def by_slug(slug: str) -> Case:
    """The case of this slug. Raises KeyError for another one."""
    return BY_SLUG[slug]


def _as_slug(case: Case) -> Any:
    """How a case goes to another process: by its name, since that process has the same catalog."""
    return (by_slug, (case.slug,)) if BY_SLUG.get(case.slug) is case else object.__reduce_ex__(case, 2)


copyreg.pickle(Case, _as_slug)
