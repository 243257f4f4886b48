"""What the tests of every case share."""

import pytest


@pytest.fixture(autouse=True)
def stores(tmp_path, monkeypatch):
    """Stores of a test stay in its folder."""
    monkeypatch.setenv("KNEEPOINT_CACHE", str(tmp_path))
