"""One request beside the chart: a short ranked list with marks, and a small map."""

import re

import numpy as np

from core.ui.panels.request_rows import RequestRow, ranked
from core.ui.panels.small_map import HIGH, WIDE, Mark, small_map


def discs(markup: str) -> dict[str, tuple[float, float]]:
    """x and y of every disc by the title before it."""
    found = re.findall(r'<title>(.*?)</title><circle class="[^"]*" cx="([\d.-]+)" cy="([\d.-]+)"', markup)
    return {words: (float(x), float(y)) for words, x, y in found}


def test_a_right_result_is_marked_for_eye_and_screen_reader():
    markup = ranked("Head", [RequestRow("1", "A", "3 km", "✓", "would go", True), RequestRow("2", "B")], "Foot")
    assert markup.count('class="right"') == 1 and 'aria-label="would go"' in markup
    assert markup.count('role="img"') == 1  # a row without a mark has no empty picture


def test_names_in_a_list_are_text():
    markup = ranked("<b>", [RequestRow("1", "<script>", "<i>", "✓", '"')], "<u>")
    assert not re.search("<(script|i|u)>", markup) and "\n" not in markup


def test_a_map_holds_what_is_shown_at_true_proportions():
    home = Mark(10.0, 60.0, "H", "here", "home")
    east, north = Mark(10.2, 60.0, "1", "shown", "east"), Mark(10.0, 60.1, "2", "shown right", "north")
    at = discs(small_map([home, east, north], np.empty((0, 2)), "map"))
    assert all(0 < x < WIDE and 0 < y < HIGH for x, y in at.values())
    assert at["east"][0] > at["home"][0] and at["north"][1] < at["home"][1]
    wide, high = at["east"][0] - at["home"][0], at["home"][1] - at["north"][1]
    assert abs(wide - high) < 0.3  # a degree of longitude at 60° north is half a degree of latitude


def test_what_was_missed_far_away_does_not_shrink_the_map():
    near = [Mark(10.0, 50.0, "H", "here", "home"), Mark(10.1, 50.0, "1", "shown", "one")]
    far = Mark(14.0, 52.0, "M", "missed", "far")
    alone, together = (discs(small_map(marks, np.empty((0, 2)), "map")) for marks in (near, [*near, far]))
    assert together == alone
