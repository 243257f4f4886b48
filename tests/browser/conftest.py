"""A real server on a free port of this machine and a headless Chromium; a test without them is skipped and says why.

With KNEEPOINT_BROWSER=required a missing browser is a failure instead.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from core.contract.design import from_query, knobs

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Whether the panel of knobs stays where it is for two frames.
STILL = """() => new Promise(told => {
    const panel = document.querySelector('[data-testid=stSidebarContent]'), at = panel.scrollTop;
    requestAnimationFrame(() => requestAnimationFrame(() => told(panel.scrollTop === at)));
})"""
START_S = 120
PATIENCE_MS = 90_000  # for one thing to appear on a page; a busy machine is slow, and slow is not wrong


@pytest.fixture(scope="module")
def chromium():
    """A running headless Chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        absent("there is no chromium on the path")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        yield running
        running.close()


def absent(reason):
    if os.environ.get("KNEEPOINT_BROWSER") == "required":
        pytest.fail(f"KNEEPOINT_BROWSER=required, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    """The address of a server that the tests of a module share; no browser, no server."""
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def fresh_server(chromium, tmp_path):
    """The address of a server that nobody has visited yet."""
    with serving(tmp_path) as address:
        yield address


@contextmanager
def serving(folder, script="app.py", **environment):
    """`streamlit run` on a free port, ended by its process id whatever happens in between."""
    port = free_port()
    options = ("--server.port", str(port), "--server.address", "127.0.0.1")
    command = (sys.executable, "-m", "streamlit", "run", script, *options)
    with (folder / "server.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log)
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_until_healthy(address, process, log):
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    log.seek(0)
    raise RuntimeError(f"the server did not come up in {START_S} s: {log.read()[-2_000:]}")


@dataclass
class Visitor:
    """One browser window with a memory of its own, and everything it asked for and complained about."""

    page: object
    address: str
    hosts: set = field(default_factory=set)
    complaints: list = field(default_factory=list)

    def open(self, path="/", **query):
        """Open a path of the server and wait until the page is drawn."""
        self.page.goto(self.address + path + ("?" + urlencode(query) if query else ""))
        return self.settled()

    def settled(self):
        """Wait until there is a title and no script is running."""
        self.page.get_by_role("heading", level=1).wait_for()
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        return self

    def query(self):
        """The parameters in the address bar."""
        return {name: text for name, (text, *_) in parse_qs(urlsplit(self.page.url).query).items()}

    def until_query(self, **wanted):
        """Wait until the address bar carries these parameters and the page has followed."""
        self.page.wait_for_url(lambda url: carries(url, wanted), wait_until="commit")
        return self.settled()

    def tab(self, title):
        """Open a tab of a case page."""
        self.page.locator(".st-key-tabs").get_by_role("radio", name=title, exact=True).click()
        self.page.locator(".st-key-tabs").get_by_role("radio", name=title, exact=True, checked=True).wait_for()
        return self.settled()

    def open_knobs(self):
        """Open the parts of the panel that hold further knobs."""
        for title in ("Advanced", "Data conditions"):
            part = self.page.get_by_test_id("stSidebar").locator("details").filter(has_text=title)
            if part.count():
                part.locator("summary").click()
                part.locator("[data-testid=stElementContainer]").first.wait_for()  # the run that draws it has begun
                self.settled()
        return self

    def tiles(self):
        """{label of a tile of the first screen: its value}."""
        return self._read(".kp-tile", ".kp-l > span:first-child", ".kp-v")

    def figures(self):
        """{label of a figure: its value with the interval}, of the open tab with all metrics."""
        return self._read(".kp-figure", "dt", ".kp-value")

    def _read(self, card, label, value):
        self.page.locator(card).first.wait_for()
        read = """(all, [label, value]) => all.map(e => {
            const name = e.querySelector(label).cloneNode(true);
            name.querySelectorAll('.kp-badge').forEach(badge => badge.remove());
            return [name.textContent, e.querySelector(value).textContent];
        })"""
        return {name.strip(): text for name, text in self.page.locator(card).evaluate_all(read, [label, value])}


def carries(url, wanted):
    found = parse_qs(urlsplit(url).query)
    return all(found.get(name) == [text] for name, text in wanted.items())


def design_of(visitor, case):
    """The design that the address bar says."""
    query = {name: text for name, text in visitor.query().items() if name in knobs(case.Design)}
    return from_query(case.Design, query)[0]


def turn(visitor, case, each, design):
    """Move a knob's widget to another of its options as a visitor does; returns that option."""
    box = visitor.page.locator(f".st-key-{case.slug}-{each.name}").first
    box.scroll_into_view_if_needed()
    options = each.offered(design)
    at = options.index(getattr(design, each.name))
    other = at + 1 if at + 1 < len(options) else at - 1
    slider = box.get_by_role("slider")
    if slider.count():
        slider.first.focus()
        visitor.page.keyboard.press("ArrowRight" if other > at else "ArrowLeft")
    elif box.get_by_role("combobox").count():
        visitor.page.wait_for_function(STILL)  # an open list closes as soon as the panel below it scrolls
        box.get_by_role("combobox").click()
        visitor.page.get_by_role("option").nth(other).click()
    else:
        box.get_by_role("radio").nth(other).click()
    return options[other]


@pytest.fixture
def visit(chromium):
    """visit(address, **settings of the window) → a Visitor; every one leaves at the end of the test."""
    windows = []

    def arrive(address, **settings):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        windows.append(context)
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context.new_page(), address)
        context.on("request", lambda request: visitor.hosts.add(host(request.url)))
        visitor.page.on("websocket", lambda socket: visitor.hosts.add(host(socket.url)))
        visitor.page.on("console", lambda said: said.type == "error" and visitor.complaints.append(complaint(said)))
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        return visitor

    yield arrive
    for context in windows:
        context.close()


def host(url):
    """The host that a request goes to; empty where it stays inside the page (data:, blob:)."""
    return urlsplit(url).hostname or ""


def complaint(said):
    """What the console said and the path it was about."""
    return f"{said.text} [{urlsplit(said.location['url']).path}]"
