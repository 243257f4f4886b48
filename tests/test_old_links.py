"""Links that people have kept: each opens the designs that it opened when it was made (`recorded/links.json`)."""

import dataclasses
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.catalog import BY_SLUG
from core.checks.common import checks_of
from core.contract.comparison_link import from_link
from core.contract.design import from_query
from core.contract.interview_spec import STEPS

LINKS = json.loads((Path(__file__).parent / "recorded" / "links.json").read_text())


def opened(page: str, query: dict[str, str]) -> tuple[list[dict], list[str]]:
    """The designs that a link opens, as plain values with their seeds, and what had to be changed in it."""
    if page == "compare":
        link = from_link(BY_SLUG, query)
        return [{**dataclasses.asdict(pin.design), "seed": pin.seed} for pin in link.pins], list(link.notes)
    slug = query.pop("case") if page == "walk" else page
    assert query.pop("step", "clarify") in STEPS
    design, seed, notes = from_query(BY_SLUG[slug].Design, query)
    return [{**dataclasses.asdict(design), "seed": seed}], notes


def same(recorded: dict, now: dict) -> bool:
    """A knob that has come since stands at its default; every other one as it was."""
    return all(json.loads(json.dumps(now[name])) == value for name, value in recorded.items())


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
