"""The drawing as it would be run: what stands between the person and the first box."""

import pytest

from core.analysis.deployment_drawing import as_built
from core.catalog import CASES
from core.diagram import Box, Drawing, Edge, describe, draw
from core.serving.scenario import Scenario
from tests.factory import asked, evaluated, measurement, round_prices

BOXES = (Box("user", "User", "online", shape="person"), Box("search", "Search", "online"))
BARE = Drawing("Made", BOXES, (Edge("user", "search", "words"),))


def built(needs, prices):
    return as_built(BARE, evaluated(scenario=Scenario(needs, prices)))


def test_requests_pass_the_replicas_with_their_rate():
    made = built(asked(1_000.0), round_prices())
    assert [box.id for box in made.boxes] == ["user", "fleet", "search"]
    assert made.edges == (Edge("user", "fleet", "1,000/s"), Edge("fleet", "search", "words"))
    assert made.boxes[1].label == "20 replicas" and made.boxes[1].note == "50% busy"
    assert "$1,606 per month" in made.caption and "Modelled" in made.caption  # 20 × 730 h × (0.10 + 0.01)


def test_a_cache_stands_in_front_and_takes_its_share():
    kept = round_prices(cache_ttl_s=60.0, cache_keys=1_000.0, cache_zipf=0.0, cache_ms=1.0)
    made = built(asked(1_000.0), kept)
    assert [box.id for box in made.boxes] == ["user", "answer cache", "fleet", "search"]
    assert [edge.label for edge in made.edges] == ["1,000/s", "16.4/s", "words"]
    assert made.boxes[1].stale and made.boxes[1].note == "98% found"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_case_has_one_place_where_requests_start(case):
    needs = case.requirements
    for design in (case.Design(), case.baseline):
        measured = measurement(charged={charge.name: 0.0 for charge in needs.charges})
        made = as_built(case.draw(design, None), evaluated(measured, Scenario(needs, round_prices()), design, case))
        assert "replicas" in describe(made) and draw(made).startswith("<svg")
