"""Links made up by chance and by malice: every page opens, and nothing that a link says is read as markup."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog import BY_SLUG, CASES
from core.contract.comparison_link import from_link
from core.contract.design import MOST_SEED, canonical, from_pairs, from_query, to_query
from core.interview.glossary import by_anchor, search
from core.serving.prices import Prices, dials
from core.serving.requirement_text import LIMITS, read_number, read_requirement
from core.ui.checks import filters
from core.ui.home import gallery
from core.ui.interview import walk
from core.ui.markup import MOST_TOLD, told
from tests.inputs.links import MARKUP, found, links, names, texts
from tests.page_driver import go, visit

MANY = settings(max_examples=100)
OTHERS = ("compare.py", "walk.py", "truth.py", "glossary.py", "rehearsal.py", "classroom.py", "home.py")
PAGES = (*(f"{case.slug}.py" for case in CASES), *OTHERS)
EACH = 60  # links to each of 17 pages: 1,020
MOST_WARNINGS = 2 * (MOST_TOLD + 1)  # on a page that opens two links, its own and that of a case


def harmless(notes):
    """No sentence of a link holds the link's markup, none is long, and there are few."""
    drawn = told(notes)
    assert len(drawn) <= MOST_TOLD + 1
    assert [(note, found(note)) for note in drawn if found(note)] == []
    assert all(len(note) < 2_000 for note in drawn)


@MANY
@given(st.sampled_from(CASES), links)
def test_every_link_opens_a_design_that_links_back_to_itself(case, link):
    design, seed, notes = from_query(case.Design, link)
    harmless(notes)
    assert design == canonical(design) and 0 <= seed <= MOST_SEED
    again = from_query(case.Design, to_query(design, seed))
    assert again == (design, seed, [])


@MANY
@given(links)
def test_every_link_to_a_comparison_opens_or_says_why_not(link):
    harmless(from_link(BY_SLUG, link).notes)
    harmless(from_link(BY_SLUG, link | {"case": "visual_search"}).notes)


@MANY
@given(st.lists(st.tuples(names, texts), max_size=20))
def test_a_link_that_says_everything_twice_is_read(pairs):
    harmless(from_pairs([*pairs, *((name, text + "!") for name, text in pairs)])[1])


@MANY
@given(st.sampled_from(CASES), texts)
def test_every_requirement_and_price_of_a_link_is_a_number_within_its_bounds(case, text):
    for name, (low, high) in LIMITS.items():
        value, notes = read_requirement(case.requirements, name, text)
        assert value is None or low <= value <= high
        harmless(notes)
    for name, dial in dials(Prices(), case.requirements).items():
        value, notes = read_number(dial.label, text, (dial.low, dial.high), dial.assumed.value, "ours")
        assert dial.low <= value <= dial.high, name
        harmless(notes)


@MANY
@given(texts, texts)
def test_every_step_check_and_term_of_a_link_is_known_or_told(one, other):
    harmless(walk._refused({"case": one, "step": other}))
    notes = []
    assert filters._option("case", one, filters.OPTIONS["case"], notes) in filters.OPTIONS["case"]
    assert 0 <= filters._seed(other, notes) <= MOST_SEED
    harmless(notes)
    term = by_anchor(one)
    assert term is None or term.anchor == one
    search(other)


@pytest.mark.parametrize("text", MARKUP)
def test_a_sentence_that_is_not_escaped_would_be_noticed(text):
    if "evil" in text and not text.startswith(("&lt;", "{{", "%3C", "\\", "|")):
        assert found(text)
    assert not found(told([text])[0])


def texts_of(block):
    """Everything that a part of a page says, as it is sent to the browser."""
    for child in getattr(block, "children", {}).values():
        if hasattr(child, "children"):
            yield from texts_of(child)
            continue
        proto = child.proto
        for field in ("body", "label", "help", "value", "placeholder"):
            said = getattr(proto, field, "")
            yield said if isinstance(said, str) else ""


@pytest.fixture(scope="module")
def app():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gallery, "SAMPLE", 0)
        yield visit()


def stands(app, link):
    assert not app.exception, (link, app.exception)
    said = [text for root in (app.main, app.sidebar) for text in texts_of(root)]
    assert [(text, found(text)) for text in said if "evil" in text and found(text)] == []
    assert len(app.warning) <= MOST_WARNINGS


def page_links():
    """Links whose designs are the default ones, so that each page measures one: their knobs hold no numbers."""
    odd = texts.filter(lambda text: not any(sign.isdecimal() for sign in text))
    chance = st.dictionaries(names.filter(lambda name: "\x00" not in name), odd, max_size=12)
    return chance | st.sampled_from(MARKUP).map(lambda text: {f"{text}{n}": "1" for n in range(200)})


@pytest.mark.parametrize("page", ["visual_search.py", *OTHERS[:-1]])
def test_a_link_of_markup_opens_the_page_and_none_of_it_is_drawn(app, page):
    for n, text in enumerate(MARKUP[:6]):
        link = {text: "1", "term": text, "step": text, "case": text, "check": text, "seed": text, f"{text}{n}": text}
        stands(go(app, page, link), link)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_thousand_links_over_all_pages(app, page):
    @settings(max_examples=EACH)
    @given(page_links())
    def opens(link):
        stands(go(app, page, link), link)

    opens()
