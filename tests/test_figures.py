"""Every chart of the interface comes with its words and its table: by the one function that draws them."""

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.figures import listed

UI = Path(__file__).parents[1] / "core" / "ui"
# These have a table of their own on the page, under the chart: the measured designs, on the wall those that lead.
OWN_TABLE = {"figures.py", "case/all_designs.py", "case/tradeoff.py", "home/gallery.py", "compare/comparison.py"}
OWN_TABLE |= {"classroom/presenter.py"}


def test_no_chart_is_drawn_past_the_function_that_adds_words_and_table():
    drawn_in = {
        path.relative_to(UI).as_posix()
        for path in UI.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "plotly_chart"
    }
    assert drawn_in == OWN_TABLE


def test_no_panel_of_a_case_draws_a_table_past_the_function_that_names_the_kinds_of_its_figures():
    drawn_in = {
        path.name
        for path in (UI / "panels").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("dataframe", "table") and ast.unparse(node.value) == "st"
    }
    assert not drawn_in


def listing():
    from core.ui.figures import listed

    listed([{"post": "a", "chance": 0.5, "likes": 3}], "One post.", {"chance": "modelled"})


def test_a_table_says_below_it_how_its_figures_came_about():
    app = AppTest.from_function(listing).run()
    (table,) = app.dataframe
    assert list(table.value.columns) == ["post", "chance", "likes"]
    assert [each.value for each in app.caption] == [":gray-badge[modelled] chance"]
    with pytest.raises(KeyError, match="guessed"):
        listed([{"chance": 0.5}], "One post.", {"chance": "guessed"})


def script():
    import pandas as pd

    from core.charts import bars
    from core.ui.figures import chart
    from tests.toy_case import CASE

    table = pd.DataFrame({"what": ["one", "two"], "ms": [1.0, 2.0]})
    chart(CASE, "made", bars(table, "what", "ms"), "Two bars, the second twice as long.", table, "Modelled: two bars.")


@pytest.fixture
def drawn():
    return AppTest.from_function(script).run()


def test_a_chart_has_its_words_for_those_who_do_not_see_it_and_below_it(drawn):
    (chart,) = drawn.get("plotly_chart")
    assert chart.proto.alt == "Two bars, the second twice as long."
    assert [each.value for each in drawn.caption] == ["Modelled: two bars."]


def test_its_table_is_sent_when_it_is_asked_for(drawn):
    assert not drawn.dataframe
    drawn.session_state["toy.chart.made.table"] = True
    drawn.run()
    assert not drawn.exception
