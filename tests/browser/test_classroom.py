"""A class in a real browser: a teacher, students on a phone and a laptop, the wall, and two servers on one file."""

import pytest

from core.catalog import BY_SLUG
from tests.browser.conftest import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

CASE = BY_SLUG["visual_search"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PROJECTOR = {"viewport": {"width": 1024, "height": 768}}
LARGE_PX = 16  # what is read from the last row
NASTY = "<i>Zoë</i> $1$"
NOISE = ("/_stcore/health", "/_stcore/host-config")  # Streamlit asks for these below the path of a deep link first


@pytest.fixture(scope="module")
def servers(chromium, tmp_path_factory):
    """The addresses of two servers that share the file of the classes."""
    folder = tmp_path_factory.mktemp("class")
    shared = {"KNEEPOINT_CLASSROOM": str(folder / "classes.sqlite"), "KNEEPOINT_WORLDS": "off"}
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    with serving(folder / "a", **shared) as first, serving(folder / "b", **shared) as second:
        yield first, second


def opened(teacher):
    """Open a class with a locked knob and predictions; (the class's link, the presenter's link), both relative."""
    page = teacher.open("/classroom").page
    page.get_by_role("combobox", name="Locked knobs").click()
    page.get_by_role("option", name="ANN index").click()
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="Minimum nDCG@10").fill("")
    page.get_by_text("Predict before each figure").click()
    teacher.settled()
    page.get_by_role("button", name="Open the class").click()
    page.get_by_text("Your class is open").wait_for()
    assert page.get_by_role("img", name="QR code").evaluate("e => e.complete && e.naturalWidth > 100")
    links = page.get_by_test_id("stCode")
    links.nth(1).wait_for()
    return [link.strip().removeprefix(teacher.address) for link in links.all_inner_texts()[:2]]


def joined(student, link, nickname):
    """Come in by the link with a nickname, and wait until the page is measured."""
    page = student.open(link).page
    page.get_by_role("textbox", name="Nickname").fill(nickname)
    page.get_by_role("button", name="Join", exact=True).click()
    page.locator(".st-key-class-submit-ready button:not([disabled])").wait_for()
    return student.settled()


def submit(student):
    student.page.locator(".st-key-class-submit-ready button:not([disabled])").click()
    student.page.get_by_text("Submitted").wait_for()
    return student.settled()


def test_a_teacher_two_students_and_the_wall_that_follows_them(servers, visit):
    first, second = servers
    teacher = visit(first)
    link, presenter = opened(teacher)
    wall = visit(first, **PROJECTOR).open(presenter)
    wall.page.get_by_text("Nobody has submitted yet").wait_for()

    zoe = joined(visit(first, **PHONE), link, NASTY)
    secret = zoe.query()["student"]
    assert zoe.page.evaluate("document.documentElement.scrollWidth") <= 390
    submit(zoe)
    assert zoe.page.get_by_text("place 1 of 1").is_visible()
    wall.page.locator(".kp-wall-v", has_text=NASTY).wait_for()  # without a click, and as text

    bob = joined(visit(second), link, "Bob")  # on the other server
    box = bob.page.locator(f".st-key-{CASE.slug}-index").get_by_role("combobox")
    assert box.is_disabled()
    encoder = bob.page.locator(f".st-key-{CASE.slug}-encoder").get_by_role("combobox")
    encoder.click()
    bob.page.get_by_role("option").nth(1).click()
    bob.page.get_by_role("button", name="Reveal").wait_for()
    assert bob.page.locator(".st-key-class-submit-ready button").is_disabled()
    assert not bob.page.get_by_role("button", name="Skip").count()
    for up in bob.page.get_by_role("radio", name="↑ up").all():
        up.click()
    bob.page.get_by_role("button", name="Reveal").click()
    submit(bob)
    wall.page.get_by_text("Predictions against outcome").wait_for()
    wall.page.get_by_text("2 in class").wait_for()
    wall.page.locator(".kp-wall-part", has_text="Bob").first.wait_for()
    assert readable(wall)

    for other in (bob, wall, teacher):
        assert secret not in other.page.content() and secret not in other.page.url
    zoe.page.reload()  # a phone that slept comes back by its own link
    zoe.settled()
    zoe.page.get_by_text("of 2").first.wait_for()
    assert zoe.query()["student"] == secret
    for visitor in (teacher, wall, zoe, bob):
        assert visitor.hosts <= {"127.0.0.1", ""}
        assert not [said for said in visitor.complaints if not any(path in said for path in NOISE)]


def readable(wall):
    """Everything that matters stands on the projector at once, in letters for the last row."""
    chart = wall.page.locator(".js-plotly-plot").bounding_box()
    assert chart["y"] + chart["height"] <= PROJECTOR["viewport"]["height"]
    assert wall.page.evaluate("document.documentElement.scrollWidth") <= PROJECTOR["viewport"]["width"]
    sizes = "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))"
    texts = wall.page.locator(".kp-wall-h1, .kp-wall-join, .kp-wall-l, .kp-wall-v, .kp-wall-d, .kp-wall-bar")
    marks = wall.page.locator(".js-plotly-plot :is(.xtick text, .ytick text, .annotation-text)")
    return min(texts.evaluate_all(sizes)) >= LARGE_PX and min(marks.evaluate_all(sizes)) >= LARGE_PX


def test_the_presenter_freezes_reveals_hides_and_exports(servers, visit):
    first, _ = servers
    link, presenter = opened(visit(first))
    ana = submit(joined(visit(first), link, "Ana"))
    wall = visit(first, **PROJECTOR).open(presenter)
    page = wall.page
    page.locator(".kp-wall-v", has_text="Ana").wait_for()
    page.get_by_role("button", name="Controls").click()
    page.get_by_text("Freeze the wall").click()
    page.get_by_text("frozen, 0 more").wait_for()
    submit(ana)
    page.get_by_text("frozen, 1 more").wait_for()
    page.get_by_text("Freeze the wall").click()
    page.get_by_text("frozen").wait_for(state="hidden")
    page.get_by_text("Reveal the reference front").click()
    page.locator(".js-plotly-plot .legendtext", has_text="reference (recorded)").wait_for()
    page.get_by_role("combobox", name="Hidden names").click()
    page.get_by_role("option", name="Ana").click()
    page.locator(".kp-wall-v", has_text="hidden name").wait_for()
    page.keyboard.press("Escape")
    with page.expect_download() as found:
        page.get_by_role("button", name="Submissions, CSV").click()
    table = found.value.path().read_text().splitlines()
    assert len(table) == 3 and table[1].startswith("Ana,True,")
