"""The catalog: the cases in menu order, and one that cannot be loaded takes no other with it."""

import sys
import types
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import __main__ as cli
from core import catalog
from core.cases import skeleton
from core.cli import arguments
from core.contract.interview_spec import Claim
from tests import factory


@pytest.fixture
def plugged(monkeypatch):
    """A function that puts a module in the place of a case's package, or an error where it would be imported."""

    def plug(slug, case=None, error=None, folder=Path()):
        def load_case(other, real=catalog.load_case):
            if other == slug and error is not None:
                raise error
            return real(other)

        if error is not None:
            monkeypatch.setattr(catalog, "load_case", load_case)
        else:
            module = types.ModuleType(f"core.cases.{slug}")
            module.CASE, module.__file__ = case, str(folder / "__init__.py")
            monkeypatch.setitem(sys.modules, f"core.cases.{slug}", module)

    return plug


def test_every_case_of_the_catalog_loads_in_menu_order():
    assert [case.slug for case in catalog.CASES] == list(catalog.SLUGS) and not catalog.BROKEN
    assert {case.slug: case for case in catalog.CASES} == catalog.BY_SLUG


@pytest.mark.parametrize(
    "error", [RuntimeError("no such weights"), SyntaxError("bad"), KeyError("x"), SystemExit(3)], ids=repr
)
def test_a_case_that_raises_as_it_is_imported_takes_no_other_with_it(plugged, error):
    plugged("plugin", error=error)
    cases, broken = catalog.load(("plugin", "visual_search"))
    assert [case.slug for case in cases] == ["visual_search"]
    assert broken["plugin"].startswith("The case “plugin” is left out, since it cannot be loaded: ")
    assert str(error) in broken["plugin"]


def test_why_a_case_is_left_out_takes_one_line(plugged):
    plugged("plugin", error=RuntimeError("no such\n  weights"))
    assert catalog.load(("plugin",))[1]["plugin"].endswith("loaded: RuntimeError: no such weights")


def test_a_case_that_is_not_there_and_one_of_another_name_are_named(plugged):
    plugged("plugin", factory.case(None, slug="other"))
    cases, broken = catalog.load(("nosuch", "plugin"))
    assert not cases and "No module named 'core.cases.nosuch'" in broken["nosuch"]
    assert "its slug is “other”, not the name of its folder" in broken["plugin"]


def test_a_remark_that_no_check_backs_is_named_with_its_line(plugged, tmp_path):
    stops = skeleton.CASE.interview.stops
    clarify = replace(stops["clarify"], remarks=(Claim("", "T99"),))
    interview = replace(skeleton.CASE.interview, stops={**stops, "clarify": clarify})
    plugged("plugin", replace(skeleton.CASE, slug="plugin", interview=interview), folder=tmp_path)
    (tmp_path / "interview.toml").write_text('[[clarify.remarks]]\ncheck = "T99"\n')
    why = catalog.load(("plugin",))[1]["plugin"]
    assert why.endswith("interview.toml:2: a remark rests on “T99”, which is no check and no source of the case")


@pytest.mark.parametrize("command", ["run", "sweep", "check"])
def test_the_command_line_names_a_case_that_cannot_be_loaded(monkeypatch, capsys, command):
    monkeypatch.setattr(arguments, "BROKEN", {"plugin": "The case “plugin” is left out."})
    assert cli.main([command, "plugin"]) == 2
    assert capsys.readouterr().err == "The case “plugin” is left out.\n"


def test_checking_every_case_fails_where_one_cannot_be_loaded(monkeypatch, capsys):
    monkeypatch.setattr(arguments, "BROKEN", {"plugin": "The case “plugin” is left out."})
    monkeypatch.setattr(arguments, "BY_SLUG", {})
    assert cli.main(["check"]) == 1
    assert "The case “plugin” is left out." in capsys.readouterr().err


def test_home_says_which_case_is_left_out_and_shows_the_others(monkeypatch):
    monkeypatch.setitem(catalog.BROKEN, "plugin", "The case “plugin” is left out.")
    monkeypatch.setattr("core.ui.home.gallery.SAMPLE", 0)
    app = AppTest.from_file("../core/ui/router.py", default_timeout=120).run()
    assert not app.exception and [warning.value for warning in app.warning] == ["The case “plugin” is left out."]
    assert {case.title for case in catalog.CASES} <= {link.proto.label for link in app.get("page_link")}
