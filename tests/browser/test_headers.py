"""The headers of a real server: on every answer, and the app works under them by any of its names."""

import http.server
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from core.ui.security_headers import FRAMED_BY
from tests.browser.conftest import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

PAGE = "/visual_search"
FRAME = '<iframe src="{}" style="width:100%;height:880px"></iframe>'


def answered(address):
    """(status, headers) of an address, also of one that is refused."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200), (PAGE, 200), ("/_stcore/health", 200), ("/_stcore/host-config", 200),
        ("/app/static/favicon.png", 200), ("/app/static/make_favicon.py", 404), ("/app/static/favicon.py", 404),
        ("/app/static/../server.py", 400), ("/app/static/%2e%2e/server.py", 400), ("/media/none.png", 404),
        ("/_stcore/metrics", 404), ("/_stcore/metrics/", 404), ("/visual_search/_stcore/metrics", 404),
    ],
)  # fmt: skip
def test_every_answer_carries_the_headers_and_only_what_is_public_is_given(server, path, status):
    found, headers = answered(server + path)
    assert found == status
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"]
    assert "connect-src 'self';" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://*.streamlit.app" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_app_works_by_either_name_of_its_host(server, visit, name):
    address = f"http://{name}:{urlsplit(server).port}"
    visitor = visit(address).open(PAGE)
    assert len(visitor.tiles()) == 4
    assert visitor.hosts <= {name, ""}
    assert not [said for said in visitor.complaints if "Content Security Policy" in said]


def test_a_script_on_the_page_cannot_open_a_socket_elsewhere(server, visit):
    visitor = visit(server).open(PAGE)
    refused = visitor.page.evaluate(
        "() => new Promise(said => { document.addEventListener('securitypolicyviolation', e => said(e.blockedURI));"
        " try { new WebSocket('wss://evil.example/a') } catch (error) { said(String(error)) } })"
    )
    assert "evil.example" in refused


@contextmanager
def another_site(html):
    """The address of a site that is not ours and shows this page."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *said):
            pass

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{site.server_port}"
    finally:
        site.shutdown()
        site.server_close()


def framed(visitor, address):
    """The document in the frame of a page of another site."""
    visitor.page.goto(address)
    return visitor.page.frame_locator("iframe")


def test_a_foreign_page_cannot_frame_the_app_unless_it_is_named(server, visit, tmp_path):
    with another_site(FRAME.format(f"{server}{PAGE}?embed=true")) as site:
        visitor = visit(server)
        framed(visitor, site)
        visitor.page.wait_for_timeout(1_000)
        assert any("frame-ancestors" in said for said in visitor.complaints)
    named = serving(tmp_path, **{FRAMED_BY: "http://127.0.0.1:*"})
    with named as ours, another_site(FRAME.format(f"{ours}{PAGE}?embed=true")) as site:
        framed(visit(ours), site).locator(".kp-tile").first.wait_for()
