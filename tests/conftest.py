"""Set the environment before anything loads numpy, as app.py does, and keep the tests of a case in one process."""

import os
from math import inf

os.environ.setdefault("KNEEPOINT_WORLDS", "off")  # page tests start no second process
import pytest
from hypothesis import settings

import core  # noqa: F401
from core.runtime import recorded
from core.serving import slo

# Neither lets a wall clock or chance decide; `pytest --hypothesis-profile=ci` looks further.
settings.register_profile("dev", max_examples=20, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("dev")


@pytest.fixture(scope="session", autouse=True)
def no_machine_is_too_busy():
    """What a page says must not depend on what runs beside the tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(slo, "TOO_BUSY", inf)
        yield


@pytest.fixture(autouse=True)
def nothing_recorded(monkeypatch, tmp_path):
    """What a page shows must not depend on what was recorded; a test of the record names its file."""
    monkeypatch.setattr(recorded, "FOLDER", tmp_path / "recorded")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one case run beside each other where several processes share the work: they share its steps."""
    for item in items:
        if item.get_closest_marker("xdist_group"):
            continue
        case = getattr(item, "callspec", None) and item.callspec.params.get("case")
        slug = getattr(case, "slug", None)
        if item.path.parent.name == "cases":
            slug = item.path.stem.removeprefix("test_")
        if slug:
            item.add_marker(pytest.mark.xdist_group(slug))
