"""The running app in a real browser: `python -m benchmarks.bench_app` (needs Debian's chromium).

Prints one JSON object: the first page and a case page from the start of the process and by the browser's own clock,
how far the chart moves while figures come, and the time from a key on a slider to the redrawn page for remembered
designs. `--requirements` adds the server's CPU time for requirements typed anew, `--sweep` its memory after a sweep.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.server_process import Server, serving
from core.runtime.timing import environment

FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CASE, KNOB = "visual_search", "nprobe"
PAUSE_MS = 500  # between two moves, in which the browser ends what it does after a redraw
PATIENCE_MS = 120_000
# What is typed anew: where it stands, and values that nobody asked for before, for few designs and for many.
PEAK, BUDGET, CORE = "Peak factor", "Budget", "A core ($ per vCPU-hour)"
ROLES = {PEAK: "textbox", BUDGET: "textbox", CORE: "spinbutton"}
VALUES = {PEAK: (2, 0.1), BUDGET: (400, 1), CORE: (0.03, 0.001)}  # from, by steps of
TYPED = 5
STOPWATCH = Path(__file__).with_name("stopwatch.js").read_text()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=30)
    parser.add_argument("--requirements", action="store_true", help="type requirements and prices anew")
    parser.add_argument("--sweep", action="store_true", help="measure 200 designs from the page; takes minutes")
    asked = parser.parse_args()
    load_before = os.getloadavg()[0]
    with sync_playwright() as playwright:  # before the server, so that its start is not the browser's
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        with serving() as server:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            page.add_init_script(STOPWATCH)
            told = {
                "home": home(page, server),
                CASE: case_page(page, server),
                "slider": slider(page, server, asked.moves),
            }
            told |= {"requirements_cpu_ms": requirements(page, server, 1)} if asked.requirements else {}
            if asked.sweep:
                sweep(page)
                told["after_a_sweep"] = memory(server)
                told["after_a_sweep"] |= {"requirements_cpu_ms": requirements(page, server, 1 + TYPED)}
        browser.close()
    told |= {"machine": environment(), "load_average_before": round(load_before, 1)}
    print(json.dumps(told | {"load_average_after": round(os.getloadavg()[0], 1)}, indent=1))


def home(page: Page, server: Server) -> dict[str, Any]:
    """The first page of a new process: seconds from its start, and the browser's first paint with content."""
    server.wait_until_healthy()
    page.goto(server.address)
    page.get_by_role("heading", name="Kneepoint").wait_for()
    return {"from_process_start_s": round(time.perf_counter() - server.started, 2), **painted(page), **memory(server)}


def case_page(page: Page, server: Server) -> dict[str, Any]:
    """A case page: first figures, those measured here, and how far the chart moved on the way."""
    page.goto(f"{server.address}/{CASE}")
    page.evaluate("() => stopwatch.measured")
    page.wait_for_timeout(2 * PAUSE_MS)
    return {**painted(page), **page.evaluate("() => stopwatch.load()"), **memory(server)}


def painted(page: Page) -> dict[str, float]:
    """The first paint with content, from the beginning of the navigation."""
    paint_ms = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return {"first_contentful_paint_ms": round(paint_ms)}


def memory(server: Server) -> dict[str, float]:
    """Resident megabytes of the server and of its children."""
    use = server.usage()
    return {"rss_mb": round(use.rss_mb), "worker_rss_mb": round(use.worker_rss_mb)}


def slider(page: Page, server: Server, n_moves: int) -> dict[str, Any]:
    """From a key on a slider to the redrawn page, over two remembered designs, one after the other."""
    page.get_by_role("slider", name=KNOB).focus()
    for _ in range(2):  # measure both, and let what follows a measurement end
        moved(page, 2)
    page.wait_for_timeout(4 * PAUSE_MS)
    page.evaluate("() => stopwatch.hold()")
    before = server.usage()
    moves = moved(page, n_moves)
    spent_ms = 1e3 * (server.usage().cpu_s - before.cpu_s)
    redrawn_ms = [move["ms"] for move in moves]
    return {
        "moves": len(moves), "median_ms": round(float(np.median(redrawn_ms))),
        "p95_ms": round(float(np.percentile(redrawn_ms, 95))), "slowest_ms": round(max(redrawn_ms)),
        "chart_shift_px": page.evaluate("() => stopwatch.shift()"),
        "cpu_ms_per_move": round(spent_ms / len(moves), 1),
    }  # fmt: skip


def moved(page: Page, n_moves: int) -> list[dict[str, float]]:
    """So many moves, each begun when the one before is on the page."""
    moves = []
    for key in [("ArrowRight", "ArrowLeft")[i % 2] for i in range(n_moves)]:
        page.evaluate("() => stopwatch.arm()")
        page.keyboard.press(key)
        moves.append(page.evaluate(f"() => stopwatch.move({PATIENCE_MS})"))
        print(f"redrawn in {moves[-1]['ms']:.0f} ms", file=sys.stderr, flush=True)
        page.wait_for_timeout(PAUSE_MS)
    return moves


def requirements(page: Page, server: Server, first: int) -> dict[str, float]:
    """Median CPU milliseconds of the server until the page has followed a load, a budget or a price typed anew."""
    steps = range(first, first + TYPED)
    medians = {}
    for label, (start, step) in VALUES.items():
        spent_ms = [typed_cpu_ms(page, server, label, f"{start + step * i:g}") for i in steps]
        medians[label] = float(np.median(spent_ms))
    return medians


def typed_cpu_ms(page: Page, server: Server, label: str, value: str) -> float:
    """CPU milliseconds of the server until the page has followed a value."""
    field = page.get_by_role(ROLES[label], name=label)
    if not field.is_visible() and label == CORE:
        page.keyboard.press("Escape")
        page.get_by_test_id("stSidebar").get_by_text("Prices and assumptions").click()
    elif not field.is_visible():
        page.locator(".st-key-slo").get_by_role("button", name="Edit").click()
    page.wait_for_timeout(2 * PAUSE_MS)
    address, before = page.url, server.usage()
    field.fill(value)
    field.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=address)
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    page.wait_for_timeout(PAUSE_MS)
    return 1e3 * (server.usage().cpu_s - before.cpu_s)


def sweep(page: Page) -> None:
    """A sweep of 200 designs from the page, to its end."""
    page.get_by_role("button", name="Sweep").click()
    page.get_by_role("radio", name="200").click(force=True)
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Cancel").wait_for()
    page.get_by_role("button", name="Sweep").wait_for(timeout=1_800_000)


if __name__ == "__main__":
    main()
