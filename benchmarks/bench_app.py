"""The running app in a real browser: `python -m benchmarks.bench_app` (needs Debian's chromium).

Prints the seconds from process start to a first page that answers, whether torch was loaded by then, the milliseconds
from a key on a slider to the redrawn page for remembered designs, and the server's memory after a full sweep.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).parents[1]
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MOVES = 30
# What is typed anew: where it stands, and values that nobody asked for before, for few designs and for many.
PEAK, BUDGET, CORE = "Peak factor", "Budget", "A core ($ per vCPU-hour)"
ROLES = {PEAK: "textbox", BUDGET: "textbox", CORE: "spinbutton"}
VALUES = {PEAK: (2, 0.1), BUDGET: (400, 1), CORE: (0.03, 0.001)}  # from, by steps of


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """The app on a free port of this machine: its address and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def memory_mb(pid: int) -> float:
    """Resident megabytes of the server."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1e3


def has_loaded(pid: int, library: str) -> bool:
    """True when the server has mapped a file of the library."""
    return f"/{library}/" in Path(f"/proc/{pid}/maps").read_text()


def main() -> None:
    """Run and print."""
    began = time.perf_counter()
    with server() as (address, pid), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        launched = time.perf_counter()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        _open(page, address)
        first_s = time.perf_counter() - began
        print(f"first page after {first_s:.2f} s ({launched - began:.2f} s of it the browser's own start)")
        print(f"torch loaded: {has_loaded(pid, 'torch')}; server {memory_mb(pid):.0f} MB")

        page.goto(f"{address}/visual_search")
        page.get_by_role("slider", name="nprobe").wait_for(timeout=60_000)
        page.locator(".st-key-tiles .kp-tile").nth(3).wait_for(timeout=60_000)
        moves_ms = slider_moves_ms(page)
        print(f"slider to redrawn page: median {np.median(moves_ms):.0f} ms of {MOVES}, slowest {max(moves_ms):.0f}")
        requirements(page, pid, "with the recorded designs", range(1, 10))
        sweep(page)
        print(f"after a sweep of 200 designs: server {memory_mb(pid):.0f} MB; torch loaded: {has_loaded(pid, 'torch')}")
        requirements(page, pid, "after the sweep", range(11, 20))
        browser.close()


def _open(page: Page, address: str) -> None:
    for _ in range(100):  # the port opens a moment after the process starts
        try:
            page.goto(address)
            break
        except Exception:  # refused: not up yet
            time.sleep(0.05)
    page.get_by_role("heading", name="Kneepoint").wait_for(timeout=30_000)


# The browser's own clock: from the key's time stamp to the frame at which the link and the tiles are others, no element
# is of before and the marks of the chart have moved. Asked from outside, a redraw takes a quarter longer.
STOPWATCH = """() => {
  window.moves = [];
  const marks = () => document.querySelector('.st-key-tradeoff .scatterlayer')?.innerHTML;
  const tiles = () => document.querySelector('.st-key-tiles')?.textContent;
  document.addEventListener('keydown', event => {
    const before = location.href, old = marks(), told = tiles();
    const done = () => location.href !== before && !document.querySelector('[data-stale=true]')
      && tiles() !== told && marks() && marks() !== old;
    const look = () => requestAnimationFrame(now => done() ? window.moves.push(now - event.timeStamp) : look());
    look();
  }, true);
}"""


def slider_moves_ms(page: Page) -> list[float]:
    """Milliseconds from a key press to the new figures on the page, over remembered designs."""
    slider = page.get_by_role("slider", name="nprobe")
    slider.focus()
    page.evaluate(STOPWATCH)
    for wait_ms in (10_000, 30_000, 2_000, 2_000):  # measure both designs once
        _back_and_forth(page, slider, 1, wait_ms)
    page.evaluate("() => { window.moves = [] }")
    _back_and_forth(page, slider, MOVES // 2, 1_000)
    moves_ms = page.evaluate("() => window.moves")
    if len(moves_ms) != MOVES:
        raise RuntimeError(f"{len(moves_ms)} of {MOVES} moves were redrawn in time")
    return moves_ms


def _back_and_forth(page: Page, slider: Locator, times: int, wait_ms: int) -> None:
    for key in ("ArrowRight", "ArrowLeft") * times:
        slider.press(key)
        page.wait_for_timeout(wait_ms)


def requirements(page: Page, pid: int, when: str, steps: range) -> None:
    """Print what a moved load, budget and price each cost the server."""
    for label, (start, step) in VALUES.items():
        cpu_ms = [moved_cpu_ms(page, pid, label, f"{start + i * step:g}") for i in steps]
        print(f"{label} moved, {when}: median {np.median(cpu_ms):.0f} CPU ms of the server", flush=True)


def moved_cpu_ms(page: Page, pid: int, label: str, value: str) -> float:
    """CPU milliseconds that the server spends until the page has followed a requirement or a price typed anew."""
    field = page.get_by_role(ROLES[label], name=label)
    if not field.is_visible() and label == CORE:
        page.keyboard.press("Escape")
        page.get_by_test_id("stSidebar").get_by_text("Prices and assumptions").click()
    elif not field.is_visible():
        page.locator(".st-key-slo").get_by_role("button", name="Edit").click()
    page.wait_for_timeout(1_000)
    address, before = page.url, cpu_ms_of(pid)
    field.fill(value)
    field.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=address, timeout=60_000)
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')", timeout=60_000)
    page.wait_for_timeout(500)
    return cpu_ms_of(pid) - before


def cpu_ms_of(pid: int) -> float:
    """CPU milliseconds of a process so far, in steps of ten."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return 1e3 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def sweep(page: Page) -> None:
    """A sweep of 200 designs from the page, to its end."""
    page.get_by_role("button", name="Sweep").click()
    page.get_by_role("radio", name="200").click(force=True)
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Cancel").wait_for(timeout=30_000)
    page.get_by_role("button", name="Sweep").wait_for(timeout=600_000)


if __name__ == "__main__":
    main()
