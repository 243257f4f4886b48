"""Street View blurring: marked photos, misses by size, the price of an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from core.cases.street_view_blurring.serve.blur import blur
from core.charts import Axis, line_with_band
from core.formatting import ms_text, seconds_text, usd_text
from core.runtime.identity import ById
from core.ui import cards, state
from core.ui.figures import chart
from core.ui.markup import html
from core.ui.page_run import PageRun
from core.ui.panels.marked_photo import blurred, image, larger, marked

PRICES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
MILLION = 1_000_000
MEGAPIXELS = (0, 1, 5, 12, 50)  # 0: the size of the measured photos
CORES = (1, 4, 16, 64, 256)
DAY_S = 86_400
STYLE = (
    "<style>"
    + """
.kp-photos{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:.6rem;margin:0 0 .4rem}
.kp-photos figure{margin:0;font-size:.8125rem;line-height:1.35;color:var(--quiet)}
.kp-photos img{width:100%;display:block;border-radius:.2rem;margin:0 0 .2rem}
.kp-one-photo{max-width:21rem;margin:0 auto}.kp-one-photo img{width:100%;display:block;border-radius:.2rem}
.kp-one-photo .kp-key{gap:.2rem .8rem;margin:.3rem 0 0;line-height:1.35}
.kp-sizes{width:100%;max-width:46rem;border-collapse:collapse;font-size:.875rem;margin:0 0 .4rem}
.kp-sizes th,.kp-sizes td{border:0;border-bottom:1px solid var(--line);padding:.3rem .7rem .3rem 0;text-align:left;
font-weight:400;vertical-align:middle}
.kp-sizes thead th{color:var(--quiet);font-size:.8125rem}.kp-sizes b{font-weight:600}
.kp-sizes td.bars{width:38%}.kp-sizes td.numbers{white-space:nowrap;font-size:.8125rem}
.kp-rate{height:.65rem;margin:.12rem 0;background:var(--paper)}.kp-rate i{display:block;height:100%}
.kp-rate i{background:var(--bad)}.kp-rate.was i{background:none;border:1px solid var(--quiet);box-sizing:border-box}
@media(max-width:640px){.kp-sizes td.bars{width:24%}.kp-sizes th,.kp-sizes td{padding-right:.4rem}}
.kp-key{display:inline-flex;gap:1.1rem;flex-wrap:wrap;font-size:.8125rem;margin:0 0 .5rem}
.kp-key svg{width:1.3rem;height:1rem;vertical-align:-.2rem;margin-right:.3rem}
""".replace("\n", "")
    + "</style>"
)
KEY = (
    ("hit, blurred", '<rect x="2" y="2" width="20" height="12" fill="none" stroke="#1B7046" stroke-width="2.5"/>'),
    (
        "missed: still visible",
        '<ellipse cx="12" cy="8" rx="10" ry="6" fill="none" stroke="#B4430F" stroke-width="2.5" '
        'stroke-dasharray="4 2"/>',
    ),
    (
        "false positive: blurred for nothing",
        '<path d="M2 2H22V14H2ZM2 2L22 14M22 2L2 14" fill="none" stroke="#8B5F0A" stroke-width="1.8"/>',
    ),
)


# Photos.


def one_request(run: PageRun) -> None:
    """One photo as this design shows it, with what it missed and what it blurred for nothing marked."""
    html(_one_request(ById(run.present.measured.shown)))


@lru_cache(maxsize=64)
def _one_request(shown: ById) -> str:
    """The photo with most faces and plates: the same one whatever the design."""
    photo = max(shown.value.photos, key=lambda photo: len(photo.hits) + len(photo.misses))
    n_hit, n_missed, n_false = len(photo.hits), len(photo.misses), len(photo.false)
    outcome = (
        f"{n_hit} of {n_hit + n_missed} blurred",
        f"{n_missed} missed",
        f"{n_false} false positive{'' if n_false == 1 else 's'}",
    )
    picture = image(blurred(photo, blur), f"street photo as shown: {', '.join(outcome)}")
    marks = "".join(f"<span>{_mark(*kind)}{said}</span>" for kind, said in zip(KEY[1:], outcome[1:], strict=True))
    said = f'<div class="kp-key"><span>{outcome[0]}</span>{marks}</div>'
    return f'<div class="kp">{STYLE}<div class="kp-one-photo">{picture}{said}</div></div>'


def photos(run: PageRun, blur: Callable[..., Any] = blur) -> None:
    """A few photos with every box marked by shape and colour, and each photo blurred below."""
    key = "".join(f"<span>{_mark(name, mark)}{name}</span>" for name, mark in KEY)
    grid = _grid(ById(run.present.measured.shown), blur)
    html(f'<div class="kp">{STYLE}<div class="kp-key">{key}</div>{grid}</div>')
    st.caption(_photos_summary(run.present.measured.shown.photos))


def _mark(name: str, mark: str) -> str:
    return f'<svg viewBox="0 0 24 16" role="img"><title>mark: {name}</title>{mark}</svg>'


@lru_cache(maxsize=64)
def _grid(shown: ById, blur: Callable[..., Any]) -> str:
    """The photos as markup, cached because drawing them dominates the cost."""
    return f'<div class="kp-photos">{"".join(_figure(photo, blur) for photo in shown.value.photos)}</div>'


def _figure(photo: Any, blur: Callable[..., Any]) -> str:
    boxes = [*photo.hits, *photo.false]
    counts = f"{len(photo.hits)} hit, {len(photo.misses)} missed, {len(photo.false)} false"
    shown = larger(photo.pixels if not boxes else blur(photo.pixels, boxes))
    note = f" · {escape(photo.note)}" if photo.note else ""
    return (
        f"<figure>{image(marked(photo), f'photo with boxes: {counts}')}"
        f"{image(shown, f'the same photo blurred: {counts}')}{counts}{note}</figure>"
    )


def _photos_summary(shown: Sequence[Any]) -> str:
    hits, misses, false = (sum(len(getattr(photo, name)) for photo in shown) for name in ("hits", "misses", "false"))
    return (
        f"In these {len(shown)} photos {hits} objects are blurred, {misses} are missed, and {false} boxes are false "
        "positives. Above: what the design found; below: what everybody would see."
    )


def sizes(run: PageRun) -> None:
    """Misses by kind and size, for this design and the baseline."""
    now, was = run.present.measured.shown, run.baseline.measured.shown
    before = {(kind, size): (n, missed) for kind, size, n, missed in was.by_size}
    rows = "".join(
        _size_row(f"{kind}s, {size}", (missed, n), before[kind, size][::-1]) for kind, size, n, missed in now.by_size
    )
    names = ("what", "share missed", "this design", "baseline")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    table = f'<table class="kp-sizes"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    html(f'<div class="kp">{STYLE}{table}</div>')
    st.caption(
        f"Filled bars are this design, outlined ones the baseline, each at its own threshold, over all "
        f"{now.n_objects:,} faces and plates of the same {now.n_photos} photos: a fixed sample, drawn from the seed. "
        "Small is under 24 pixels (root of the area), large over 44."
    )


def _size_row(name: str, now: tuple[int, int], was: tuple[int, int]) -> str:
    """One row of the table; `now` and `was` are (missed, all)."""
    bars = _rate(*now, "now") + _rate(*was, "was")
    numbers = f'<td class="numbers"><b>{_share(*now)}</b></td><td class="numbers">{_share(*was)}</td>'
    return f'<tr><th scope="row">{name}</th><td class="bars">{bars}</td>{numbers}</tr>'


def _rate(missed: int, n: int, which: str) -> str:
    return f'<div class="kp-rate {which}"><i style="width:{100 * missed / n:.1f}%"></i></div>' if n else ""


def _share(missed: int, n: int) -> str:
    return f"{missed} of {n} ({missed / n:.0%})" if n else "none there"


# Money.


def price(run: PageRun, best: Callable[[Any, float], int]) -> None:
    """A slider for the cost of a miss against a false positive, and the best threshold at that price."""
    key = state.key(run.case, "price of a miss")
    times = st.select_slider(
        "A missed face or plate costs as much as … false positives", PRICES, 20, key=key,
        help="A miss is a breach of privacy, a false positive a blemish. How many blemishes is one breach?",
    )  # fmt: skip
    curve = run.present.measured.shown.curve
    at, total = best(curve, times), times * curve.misses + curve.false
    set_at = min(range(len(curve.thresholds)), key=lambda i: abs(curve.thresholds[i] - run.present.design.threshold))
    best_at, here = f"{curve.thresholds[at]:.2f}", f"{run.present.design.threshold:g}"
    lines = {
        "together": (curve.thresholds, total),
        "misses": (curve.thresholds, times * curve.misses),
        "false positives": (curve.thresholds, curve.false),
        f"this design, {here}": (curve.thresholds[[set_at]], total[[set_at]]),
        f"cheapest, {best_at}": (curve.thresholds[[at]], total[[at]]),
    }
    table = pd.concat(
        [pd.DataFrame({"threshold": x, "price": y, "line": name}) for name, (x, y) in lines.items()],
        ignore_index=True,
    )
    words = (
        f"Cost per photo, in false positives, at every threshold: {total[0]:.1f} at {curve.thresholds[0]:g}, "
        f"{total[at]:.1f} at {best_at}, the cheapest, and {total[-1]:.1f} at {curve.thresholds[-1]:g}. "
        "Misses rise with the threshold, false positives fall."
    )
    x, y = (
        Axis("threshold", "score threshold", "", "lower"),
        Axis("price", "cost per photo", "false positives", "lower"),
    )
    figure = line_with_band(table, x, y, "line").update_traces(marker_size=4)
    for name in list(lines)[-2:]:
        figure.update_traces(marker_size=15, selector={"name": name})
    chart(run.case, "prices", figure, words, table)
    st.markdown(
        f"If one miss costs as much as {times} false positives, set the score threshold to **{best_at}**: "
        f"{curve.misses[at]:.2f} misses and {curve.false[at]:.2f} false positives per image, together worth "
        f"{total[at]:.2f} false positives. This design's threshold is {here}: {total[set_at]:.2f}."
    )


def million(run: PageRun) -> None:
    """The cost of a million photos: measured seconds per photo, extrapolated by formula."""
    measured, prices = run.present.measured, run.scenario.prices
    backlog = measured.refresh_s > 0
    each_s = measured.refresh_s / measured.shown.n_photos if backlog else float(measured.service_ms.mean()) / 1e3
    left, right = st.columns(2)
    megapixels = left.select_slider(
        "Megapixels per photo", MEGAPIXELS, 12, key=state.key(run.case, "megapixels"), format_func=_pixels_text,
        help="Ours are small so that you need not wait. A detector's work grows with the pixels.",
    )  # fmt: skip
    cores = right.select_slider("Cores", CORES, 16, key=state.key(run.case, "cores"))
    larger_by = megapixels * MILLION / measured.shown.photos[0].pixels.size if megapixels else 1.0
    busy, price_usd = prices.target_utilisation.value, prices.vcpu_hour.value
    work_s = MILLION * each_s * larger_by / busy
    how = "a backlog run's CPU time ÷ its photos" if backlog else "mean of the timed requests"
    shown = (
        cards.Figure("one of our photos", seconds_text(each_s), "measured", how),
        cards.Figure("a million photos", _long(work_s / cores), "modelled", f"on {cores} cores"),
        cards.Figure("their cost", usd_text(work_s / 3600 * price_usd), "modelled", f"{work_s / 3600:,.2f} core-hours"),
    )
    html(cards.figures(shown))
    st.caption(
        f"Core-hours = 1,000,000 × {ms_text(1e3 * each_s)} × {larger_by:,.4g} times the pixels ÷ {busy:.0%} busy ÷ "
        f"3,600 s. Days = core-hours ÷ {cores} cores ÷ 24. Price = core-hours × ${price_usd:g} "
        f"({prices.vcpu_hour.source}, {prices.vcpu_hour.as_of}). That work grows with the pixels holds exactly for "
        "what a detector reads (check B4b); decoding and storing photos are left out."
    )


def _pixels_text(megapixels: int) -> str:
    return f"{megapixels}" if megapixels else "as ours"


def _long(seconds: float) -> str:
    return f"{seconds / DAY_S:.3g} days" if seconds >= DAY_S else seconds_text(seconds)
