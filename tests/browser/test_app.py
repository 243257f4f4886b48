"""The app as visitors meet it: a real server, a real browser."""

import re
import time
from urllib.parse import parse_qsl

import pytest
from PIL import Image

from core.catalog import BY_SLUG, CASES
from core.contract.design import to_query
from tests.browser.conftest import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

CASE = BY_SLUG["visual_search"]
PAGE = f"/{CASE.slug}"
AT_ONCE_MS = 60_000  # one design on a busy machine; a whole sweep of 600 takes several times as long

# What a console may say without anything being wrong here.
EXPLAINED = (
    # Streamlit's page looks for its server below the page's own path first, then one level up, where it is.
    r"Failed to load resource.* 404 .*\[/\w+/_stcore/(health|host-config)\]",
)

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)


def unexplained(visitor):
    return [said for said in visitor.complaints if not any(re.search(known, said) for known in EXPLAINED)]


def brightness(locator, colour):
    """0 (black) to 255 (white) of a computed colour."""
    text = locator.evaluate(f"e => getComputedStyle(e).{colour}")
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", text)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def sweep(visitor, size="600"):
    visitor.page.get_by_role("button", name="Sweep").click()
    visitor.page.get_by_role("radio", name=size, exact=True).click()
    visitor.settled().page.get_by_role("button", name="Start").click()
    return visitor.page.get_by_role("button", name="Cancel")


def seen(visitor, what, within_s):
    """Whether something shows within so many seconds; no error where it does not."""
    until = time.monotonic() + within_s
    while not what.is_visible() and time.monotonic() < until:
        visitor.page.wait_for_timeout(250)
    return what.is_visible()


def place(visitor, part):
    """Where in the window the page's first chart marks the design that plays this part, once it is drawn."""
    found = """part => {
        const chart = document.querySelector('.js-plotly-plot');
        const marks = chart ? [...chart.querySelectorAll('.scatterlayer .point')] : [];
        const mark = marks.find(each => each.closest('.trace').__data__[0].trace.meta === part);
        if (!mark) return null;
        chart.scrollIntoView({block: 'center', behavior: 'instant'});
        const box = mark.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
    }"""
    return visitor.page.wait_for_function(found, arg=part).json_value()


def loneliest(visitor):
    """Where the page's first chart marks the design that stands furthest from all others, and that design's link.

    Plotly picks the smallest of marks that overlap, and which overlap depends on the times that were measured.
    """
    found = """() => {
        const chart = document.querySelector('.js-plotly-plot');
        if (!chart) return null;
        chart.scrollIntoView({block: 'center', behavior: 'instant'});
        const marks = [...chart.querySelectorAll('.scatterlayer .trace')].flatMap(trace => {
            const {meta, customdata} = trace.__data__[0].trace;
            return [...trace.querySelectorAll('.point')].map((point, i) => {
                const box = point.getBoundingClientRect();
                return {x: box.x + box.width / 2, y: box.y + box.height / 2, meta, link: (customdata || [])[i]};
            });
        }).filter(mark => mark.link);
        const room = mark => Math.min(...marks.filter(other => other !== mark && other.link !== mark.link)
            .map(other => Math.hypot(other.x - mark.x, other.y - mark.y)));
        const others = marks.filter(mark => mark.meta !== 'present');
        return others.length ? others.reduce((best, mark) => room(mark) > room(best) ? mark : best) : null;
    }"""
    mark = visitor.page.wait_for_function(found).json_value()
    return mark["x"], mark["y"], dict(parse_qsl(mark["link"]))


def click_the_loneliest(visitor):
    """Press the mouse on that mark once Plotly has seen the mouse there; returns what the link says of its design."""
    label = visitor.page.locator(".hoverlayer .hovertext").first
    for _ in range(10):
        x, y, link = loneliest(visitor)  # a chart just redrawn is looked up again
        visitor.page.mouse.move(x - 40, y - 40)
        visitor.page.mouse.move(x, y)
        visitor.page.wait_for_timeout(1_000)
        if label.is_visible():
            break
    visitor.page.mouse.click(x, y)
    return link


def test_a_deep_link_opens_first_on_a_fresh_server_and_nothing_leaves_the_machine(fresh_server, visit):
    visitor = visit(fresh_server).open(PAGE, dim="32")
    assert visitor.page.get_by_role("heading", level=1).inner_text() == CASE.title
    assert visitor.query()["dim"] == "32"
    assert len(visitor.tiles()) == 4
    visitor.page.wait_for_timeout(1_000)  # a modal, or something fetched late
    assert visitor.page.get_by_role("dialog").count() == 0
    assert visitor.page.get_by_text("Page not found").count() == 0
    assert visitor.hosts <= {"127.0.0.1", ""}
    assert unexplained(visitor) == []


def test_the_router_alone_serves_deep_links_too(visit, tmp_path):
    with serving(tmp_path, script="core/ui/router.py") as address:
        visitor = visit(address).open(PAGE, dim="32")
        assert visitor.page.get_by_role("heading", level=1).inner_text() == CASE.title
        assert visitor.page.get_by_role("dialog").count() == 0
        assert visitor.query()["dim"] == "32"


def test_home_shows_a_frontier_and_a_click_on_it_opens_that_design(server, visit):
    visitor = visit(server).open("/")
    assert "Pareto-optimal" in visitor.page.get_by_role("figure").first.get_attribute("aria-label")
    visitor.page.locator(".kp-row img").first.wait_for()  # the present design was measured, and no chart is redrawn
    visitor.until_query(**click_the_loneliest(visitor))
    assert visitor.page.get_by_role("heading", level=1).inner_text() == CASE.title
    assert visitor.query()["daily_users"] == f"{CASE.requirements.daily_users:.15g}"
    assert visitor.page.get_by_role("alert").count() == 0
    assert unexplained(visitor) == []


@each_case
def test_the_menu_leads_to_every_page_which_opens_without_a_complaint(server, visit, case):
    visitor = visit(server).open("/")
    visitor.page.get_by_text("Cases", exact=True).click()
    visitor.page.get_by_test_id("stTopNavDropdownLink").filter(has_text=case.title).click()
    visitor.page.wait_for_url(re.compile(f"/{case.slug}"), wait_until="commit")
    visitor.page.get_by_role("heading", level=1, name=case.title).wait_for()
    assert len(visitor.settled().tiles()) == 4
    assert visitor.page.get_by_role("alert").count() == 0
    assert visitor.hosts <= {"127.0.0.1", ""}
    assert unexplained(visitor) == []


def test_a_slider_moved_by_keyboard_changes_the_figures_and_the_address(server, visit):
    visitor = visit(server).open(PAGE, dim="32").tab("Metrics")
    before = visitor.figures() | visitor.tiles()
    slider = visitor.page.get_by_role("slider", name="Embedding size")
    assert slider.get_attribute("aria-valuetext") == "32"
    slider.focus()
    slider.press("ArrowRight")
    visitor.until_query(dim="64")
    assert slider.get_attribute("aria-valuetext") == "64"
    after = visitor.figures() | visitor.tiles()
    changed = ("nDCG@10", "recall@10", "memory per replica", "cost per month")
    assert all(after[label] != before[label] for label in changed)
    visitor.page.get_by_text("What changed.").wait_for()
    assert unexplained(visitor) == []


def test_a_link_in_another_browser_opens_the_same_design_with_the_same_quality(server, visit):
    first = visit(server).open(PAGE, dim="16", effort="4", rerank="50").tab("Metrics")
    second = visit(server)
    second.page.goto(first.page.url)
    second.settled().tab("Metrics")
    assert second.query() == first.query()
    labels = {axis.label for axis in CASE.qualities} & first.figures().keys()
    assert len(labels) >= 2
    assert {label: first.figures()[label] for label in labels} == {label: second.figures()[label] for label in labels}


def test_a_click_on_a_point_of_the_chart_opens_that_design(fresh_server, visit):
    visitor = visit(fresh_server).open(PAGE)
    link = click_the_loneliest(visitor)
    assert link != to_query(CASE.Design(), 0)
    visitor.until_query(**link)
    place(visitor, "present")
    assert unexplained(visitor) == []


def test_going_back_in_the_browser_brings_the_design_before(server, visit):
    visitor = visit(server).open(PAGE, dim="32")
    slider = visitor.page.get_by_role("slider", name="Embedding size")
    slider.press("ArrowRight")
    visitor.until_query(dim="64")
    visitor.page.go_back()
    visitor.until_query(dim="32")
    moved_back = visitor.page.locator("input[type=range][aria-label='Embedding size'][aria-valuetext='32']")
    moved_back.wait_for(state="attached")  # the address is back before the page has followed


def test_going_back_in_the_browser_leads_from_a_case_to_where_one_came_from(server, visit):
    visitor = visit(server).open("/")
    visitor.page.get_by_role("link", name=CASE.title).first.click()
    visitor.page.get_by_role("heading", level=1, name=CASE.title).wait_for()
    assert len(visitor.settled().tiles()) == 4
    home = visitor.page.get_by_role("heading", level=1, name="Kneepoint")
    visitor.page.go_back()
    if not seen(visitor, home, within_s=20):  # the page's own rewriting of its address may cost one more press
        visitor.page.go_back()
    home.wait_for()


def test_a_sweep_shows_how_far_it_is_and_can_be_cancelled(server, visit):
    visitor = visit(server).open(PAGE)
    cancel = sweep(visitor)
    visitor.page.get_by_role("button", name=re.compile(r"Cancel \([1-9]\d* of 600\)")).wait_for(timeout=180_000)
    cancel.click()
    visitor.page.get_by_role("button", name="Sweep").wait_for(timeout=AT_ONCE_MS)
    assert cancel.count() == 0
    told = visitor.page.get_by_role("figure").first.get_attribute("aria-label")
    (n,) = re.findall(r"of (\d+) designs", told)
    assert int(n) < 600
    assert unexplained(visitor) == []


def test_the_sweeps_of_two_visitors_take_turns_and_one_can_be_cancelled(server, visit):
    one, other = visit(server).open(PAGE), visit(server).open(PAGE)
    going = sweep(one)
    going.wait_for()
    second = sweep(other)
    try:
        other.page.get_by_role("button", name=re.compile(r"Cancel \([1-9]\d* of 600\)")).wait_for(timeout=180_000)
        second.click()
        other.page.get_by_role("button", name="Sweep").wait_for(timeout=AT_ONCE_MS)
        assert going.is_visible()
    finally:
        going.click()
        one.page.get_by_role("button", name="Sweep").wait_for()


def test_a_bad_link_says_what_it_changed(server, visit):
    visitor = visit(server).open(PAGE, dim="1000", no_such_knob="<img src=x onerror=alert(1)>", seed="banana")
    told = visitor.page.get_by_role("alert").all_inner_texts()
    assert len(told) == 3
    assert any("1000" in text and "128" in text for text in told)
    assert any("no_such_knob" in text for text in told)
    assert any("banana" in text for text in told)
    assert visitor.query()["dim"] == "128"
    assert visitor.query()["seed"] == "0"
    assert "no_such_knob" not in visitor.query()


@pytest.mark.parametrize("path", ["/", PAGE])
def test_on_a_phone_nothing_runs_off_the_side(server, visit, path):
    visitor = visit(server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open(path)
    page = visitor.page
    assert page.get_by_role("heading", level=1).is_visible()
    page.locator(".js-plotly-plot").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    for tile in page.locator(".st-key-tiles .kp-tile").all():
        box = tile.bounding_box()
        assert tile.is_visible() and box["x"] >= 0 and box["x"] + box["width"] <= 391
        for value in tile.locator(".kp-v").all():  # a tile of home has none
            assert value.evaluate("e => e.scrollWidth <= e.clientWidth + 1"), value.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_visitors_colour_scheme(server, visit, scheme):
    visitor = visit(server, color_scheme=scheme).open(PAGE)
    visitor.tiles()
    paper = brightness(visitor.page.get_by_test_id("stApp"), "backgroundColor")
    ink = [brightness(visitor.page.locator(part).first, "color") for part in ("h1", ".kp-v", ".kp-l")]
    if scheme == "dark":
        assert paper < 40 and min(ink) > 130
    else:
        assert paper > 230 and max(ink) < 130


def test_the_page_can_be_embedded_in_another(server, visit):
    visitor = visit(server)
    visitor.page.goto(f"{server}/_stcore/health")  # a page of the same site, which may frame it
    visitor.page.set_content(
        f'<iframe src="{server}{PAGE}?embed=true&dim=16" style="width:100%;height:880px"></iframe>'
    )
    inside = visitor.page.frame_locator("iframe")
    assert inside.get_by_role("heading", level=1).inner_text() == CASE.title
    inside.locator(".kp-tile").first.wait_for()
    assert inside.get_by_role("alert").count() == 0
    assert inside.get_by_test_id("stMainMenu").count() == 0
    assert inside.get_by_role("slider", name="Embedding size").get_attribute("aria-valuetext") == "16"


def test_the_drawing_can_be_saved_as_a_picture_without_a_network(server, visit, tmp_path):
    visitor = visit(server).open(PAGE)
    visitor.tiles()
    visitor.page.get_by_role("button", name="Export").click()
    button = visitor.page.get_by_role("button", name="The drawing as PNG")
    button.wait_for()
    visitor.settled()
    with visitor.page.expect_download() as saved:
        button.click()
    saved.value.save_as(tmp_path / "drawing.png")
    with Image.open(tmp_path / "drawing.png") as picture:
        assert picture.format == "PNG" and picture.width > 1_000
        assert len(picture.convert("L").getcolors(256)) > 10  # letters and lines, not an empty sheet
    assert visitor.hosts <= {"127.0.0.1", ""}
