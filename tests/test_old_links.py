"""Links that people have kept: each opens the designs that it opened when it was made (`recorded/links.json`)."""

import dataclasses
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.catalog import BY_SLUG
from core.checks.common import checks_of
from core.contract.comparison_link import from_link
from core.contract.design import canonical, from_query
from core.contract.interview_spec import STEPS

LINKS = json.loads((Path(__file__).parent / "recorded" / "links.json").read_text())


def opened(page: str, query: dict[str, str]) -> tuple[list[tuple[Any, int]], list[str]]:
    """The designs that a link opens with their seeds, and what had to be changed in it."""
    if page == "compare":
        link = from_link(BY_SLUG, query)
        return [(pin.design, pin.seed) for pin in link.pins], list(link.notes)
    slug = query.pop("case") if page == "walk" else page
    assert query.pop("step", "clarify") in STEPS
    design, seed, notes = from_query(BY_SLUG[slug].Design, query)
    return [(design, seed)], notes


def same(recorded: dict, now: tuple[Any, int]) -> bool:
    """A knob that has come since, or that does nothing here, stands at its default; every other one as it was."""
    design, seed = now
    before = {name: value for name, value in recorded.items() if name != "seed"}
    return seed == recorded["seed"] and canonical(dataclasses.replace(design, **before)) == design


@pytest.mark.parametrize("slug", BY_SLUG)
def test_old_links_open_the_same_designs(slug):
    links = [link for link in LINKS if slug in link["link"]]
    for link in links:
        address = urlsplit(link["link"])
        page, query = address.path.strip("/"), dict(parse_qsl(address.query))
        if page == "truth":
            case, _, check = query["check"].partition("/")
            assert check in [one.id for one in checks_of(BY_SLUG[case])], link
            continue
        designs, notes = opened(page, query)
        assert len(designs) == len(link["designs"]) and all(map(same, link["designs"], designs)), link["link"]
        assert not notes or page == "compare", notes


def test_there_are_two_hundred_of_them():
    assert len(LINKS) == 200
