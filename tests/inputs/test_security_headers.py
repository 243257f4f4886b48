"""The security headers: what they allow, and that no word of the environment adds a rule to them."""

from pathlib import Path

import pytest

from core.ui import security_headers

STATIC = Path(security_headers.__file__).parent / "static"
SERVED = {".css", ".png", ".svg", ".woff2", ".json", ".txt", ".geojson", ".html"}


def policy():
    rules = security_headers.headers()[b"content-security-policy"].decode().split("; ")
    return dict(rule.split(" ", 1) for rule in rules)


def test_a_page_sends_and_loads_nothing_elsewhere(monkeypatch):
    monkeypatch.delenv(security_headers.FRAMED_BY, raising=False)
    allowed = {name: value for name, value in policy().items() if name != "frame-ancestors"}
    assert allowed["connect-src"] == "'self'"
    assert not any("http" in value or "ws:" in value or "wss:" in value or "*" in value for value in allowed.values())
    assert policy()["frame-ancestors"] == "'self' https://*.streamlit.app"


def test_the_environment_names_further_sites_that_may_frame_the_app(monkeypatch):
    monkeypatch.setenv(security_headers.FRAMED_BY, "https://courses.example.org http://127.0.0.1:*")
    assert policy()["frame-ancestors"].endswith("streamlit.app https://courses.example.org http://127.0.0.1:*")


@pytest.mark.parametrize(
    "site", ["https://a; script-src *", "*", "javascript:", "https:", "https://a\r\nX: y", "'none'"]
)
def test_what_is_no_site_is_refused(site, monkeypatch):
    monkeypatch.setenv(security_headers.FRAMED_BY, site)
    with pytest.raises(ValueError, match="is no site"):
        security_headers.headers()


def test_no_source_file_lies_in_the_folder_that_is_served():
    served = {path.suffix for path in STATIC.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert served <= SERVED
