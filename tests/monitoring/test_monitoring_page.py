"""The monitoring step on measurements made by hand: what it shows, and where it says that it cannot tell."""

from streamlit.testing.v1 import AppTest


def monitoring(value_of, values):
    """The section alone, in the toy case, over values of the given kind."""
    from dataclasses import replace

    from core.ui.interview import walk_monitoring
    from core.ui.page_run import PageRun
    from tests import factory, toy_case

    axis = replace(toy_case.CASE.qualities[0], value_of=value_of)
    case = replace(toy_case.CASE, qualities=(axis,))
    here = factory.evaluated(factory.measurement(values), case=case)
    walk_monitoring.section(PageRun(case, here.scenario, here, here))


def shown(value_of, values):
    app = AppTest.from_function(monitoring, args=(value_of, values), default_timeout=120).run()
    assert not app.exception
    rows = app.table[0].value.set_index("what")
    return rows, " ".join(caption.value for caption in app.caption), len(app.table)


def test_single_labels_show_a_threshold_its_rates_the_labels_and_the_canary():
    rows, captions, n_tables = shown("request", [0.0, 0.0, 1.0, 1.0] * 100)
    line = rows.loc["precision@5 of a day's labels"]
    assert line["rings (modelled)"].startswith("below 0.4") and "%, " in line.iloc[2]
    assert "cannot be told" not in captions and n_tables == 3  # the plan, the canary, the drift


def test_values_of_groups_show_no_threshold_no_labels_and_no_canary():
    rows, captions, n_tables = shown("group of 20 exposures", [0.0, 0.0, 1.0, 1.0] * 100)
    for what in ("precision@5 of a day's labels", "population stability index of precision@5"):
        assert rows.loc[what, "rings (modelled)"] == "cannot be told" and "group of 20" in rows.loc[what, "how"]
    assert captions.count("group of 20 exposures") == 2 and n_tables == 2


def test_equal_values_show_that_nothing_can_be_told():
    rows, captions, n_tables = shown("request", [1.0] * 400)
    assert rows.loc["precision@5 of a day's labels", "rings (modelled)"] == "cannot be told"
    assert captions.count("alike") == 3 and n_tables == 1
