"""Opens pages of the real app without a browser, turns their knobs and reads what they say."""

from __future__ import annotations

import re
import time
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple

from streamlit.testing.v1 import AppTest

from core.contract.case import SEED
from core.contract.design import canonical, knobs, to_query
from core.serving.requirement_text import LIMITS

ROUTER = "../core/ui/router.py"  # from this folder, as AppTest wants it
PATIENCE_S = 300  # a busy machine is slow, and slow is not wrong
FIRST_SCREEN = ("slo", "tiles", "tradeoff", "examples", "changed")  # its containers, in their order
ALWAYS = ("Checks", "Sources")  # the tabs that need no measured design
MEASURED = (
    "Examples",
    "Metrics",
    "Designs",
    "SLO & cost",
    "Quality loss",
    "Scale",
    "Load & failure",
    "Pipeline",
    "Architecture",
)
FOLDED = ("Advanced", "Data conditions")  # parts of the panel that hold knobs
PANEL = (*FOLDED, "Prices and assumptions", "slo")  # and those that hold other fields


def visit(case=None, link=None):
    """A new visitor on home, or on a case's page by a link."""
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    return app if case is None else go(app, f"{case.slug}.py", link)


def go(app, page, link=None, folded=False):
    """To a page by a link, with the parts of its panel that hold knobs open unless `folded`."""
    for part in () if folded else FOLDED:
        app.session_state[f"{page.removesuffix('.py')}.{part}.open"] = True
    app.query_params.clear()
    app.query_params.update(link or {})
    return app.switch_page(f"../../pages/{page}").run()


def link_to(case, design=None, **changed):
    """The link of a design, with further parameters."""
    return {**to_query(case.Design() if design is None else design, SEED), **changed}


def whole_link(case, design=None, **changed):
    """What the address bar shows: every knob, the seed and all requirements."""
    required = {name: getattr(case.requirements, name) for name in LIMITS}
    texts = {name: "none" if value is None else f"{value:.15g}" for name, value in required.items()}
    return {**link_to(case, design), **texts, **changed}


def tab_titles(app, case):
    """The titles of the page's tabs, in their order."""
    return list(_tab(app, case).options)


def open_tab(app, case, title):
    """Press a tab of a case page; None closes the open one."""
    assert title is None or title in tab_titles(app, case), tab_titles(app, case)
    return _tab(app, case).set_value(title).run()


def in_every_tab(app, case):
    """{tab: the page's main part with that tab open}, for each tab; "" is the page with all tabs closed."""
    shown = {"": app.main}
    for title in tab_titles(app, case):
        open_tab(app, case, title)
        assert not app.exception and not app.error, (title, app.exception, app.error)
        shown[title] = app.main
    return shown


def _tab(app, case):
    return next(group for group in app.button_group if group.key == f"{case.slug}.tab")


def edit_slo(app, case):
    """Open the fields of the requirements."""
    app.session_state[f"{case.slug}.slo.open"] = True
    return app.run()


def require(app, case, name, text):
    """Type a requirement into its field."""
    return app.text_input(key=f"{case.slug}.text.{name}").set_value(text).run()


def press(app, label):
    """Press the one button of that label."""
    (button,) = (button for button in app.button if button.label == label)
    return button.click().run()


def can_press(app, label):
    """Whether the page shows a button of that label that is not disabled."""
    return any(button.label == label and not button.disabled for button in app.button)


def widgets(app, case):
    """{knob name: its widget}, for every knob that the page shows."""
    found = {w.key: w for kind in (app.select_slider, app.selectbox, app.button_group) for w in kind}
    return {name: found[f"{case.slug}.{name}"] for name in knobs(case.Design) if f"{case.slug}.{name}" in found}


def design_of(app, case):
    """(design, seed): what the widgets say, and for knobs that are not drawn what the session keeps of them."""
    kept = {name: app.session_state[f"{case.slug}.{name}"] for name in knobs(case.Design)}
    drawn = {name: widget.value for name, widget in widgets(app, case).items()}
    return canonical(case.Design(**{**kept, **drawn})), app.session_state[f"{case.slug}.seed"]


def told(app):
    """Everything the page says, tiles and cards included."""
    return " ".join(text.value for text in app.markdown)


def captions(app):
    """Everything that stands in small print."""
    return " ".join(caption.value for caption in app.caption)


def words(markdown):
    """What a reader reads: without the tags of tooltips."""
    return unescape(re.sub(r"<[^>]+>", "", markdown))


def as_read(markdown):
    """What a reader reads of a line that holds no markup: backslashes before punctuation and entities are read."""
    return re.sub(r"\\([!-/:-@\[-`{-~])|(&[#\w]+;)", lambda m: m[1] or unescape(m[2]), markdown)


def subheaders(app):
    """The headings of the open tab."""
    return [each.value for each in app.subheader]


def place(app, key):
    """The container of that key in the main part of a page; None where there is none."""
    return next((block for block in _blocks(app.main) if _key(block) == key), None)


def containers(app):
    """The keys of the containers of the first screen that the page has, in their order."""
    return [key for key in map(_key, _blocks(app.main)) if key in FIRST_SCREEN]


def _blocks(block):
    for child in getattr(block, "children", {}).values():
        if hasattr(child, "children"):
            yield child
            yield from _blocks(child)


def _key(block):
    """The key of a container, from an id such as $ID-0af3-tiles."""
    return getattr(block.proto, "id", "").split("-", 2)[-1]


class Tile(NamedTuple):
    """A tile of the first screen."""

    label: str
    badge: str
    value: str
    words: str
    side: str


TILE = re.compile(
    r'class="kp-l"><span>(?P<label>.*?)</span>(?:<span class="kp-badge (?P<badge>\w+)".*?</span>)?</div>'
    r'<div class="kp-v">(?P<value>.*?)</div><div class="kp-d kp-(?P<side>\w+)"[^>]*>(?P<words>.*?)</div>'
)


def tiles(app):
    """The tiles of the first screen."""
    found = [TILE.search(text.value) for text in app.markdown if "kp-tile" in text.value]
    return [Tile(each["label"], each["badge"] or "", words(each["value"]), words(each["words"]).strip(), each["side"])
            for each in found]  # fmt: skip


def changed(app):
    """The sentence that tells what the last move changed."""
    return place(app, "changed").markdown[0].value


def finished(jobs_of):
    """Wait until no job of this table runs."""
    until = time.monotonic() + PATIENCE_S
    while any(job.running for job in jobs_of.values()) and time.monotonic() < until:
        time.sleep(0.02)


def stands(app, case):
    """Nothing raised, nothing failed; the first screen, every tab and every knob that does something are there."""
    assert not app.exception, app.exception
    assert not app.error, app.error
    assert f'<h1 class="kp-h1">{case.title}</h1>' in told(app)
    assert containers(app) == [*FIRST_SCREEN]
    assert len(tiles(app)) == 4
    assert place(app, "tradeoff").get("plotly_chart")
    assert list(place(app, "examples"))
    titles = tab_titles(app, case)
    assert set(MEASURED) <= set(titles) and titles[-2:] == [*ALWAYS]
    design, _ = design_of(app, case)
    assert set(widgets(app, case)) == {name for name, each in knobs(case.Design).items() if each.active(design)}


class FigureCards(HTMLParser):
    """Collects the badges of every figure card."""

    def __init__(self):
        super().__init__()
        self.badges = []

    def handle_starttag(self, tag, attrs):
        classes = (dict(attrs).get("class") or "").split()
        if {"kp-figure", "kp-constraint"} & set(classes):
            self.badges.append([])
        if "kp-badge" in classes and self.badges:
            self.badges[-1] += [name for name in classes if name != "kp-badge"]


class Pictures(HTMLParser):
    """Collects the words of every image (its alt) and drawing (its title)."""

    def __init__(self):
        super().__init__()
        self.words, self.open = [], ""

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.words.append(dict(attrs).get("alt", ""))
        if tag == "svg":
            self.words.append("")
        self.open = tag

    def handle_data(self, data):
        if self.open == "title":
            self.words[-1] += data

    def handle_endtag(self, tag):
        self.open = ""
