"""The drawing is valid SVG that says everything in words, and nothing in it overlaps."""

import random
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from core.diagram import SHAPES, Box, Drawing, Edge, Rectangle, describe, draw, inline, layout
from core.diagram.plan import Plan

SVG = "{http://www.w3.org/2000/svg}"
SEARCH = Drawing(
    "Visual search",
    (
        Box("photos", "Product photos", "offline", "52 MB", "data"),
        Box("encode", "Image encoder", "offline", "41 s"),
        Box("index", "IVF index", "offline", "24 MB", "store"),
        Box("features", "Feature table", "offline", "3 MB", "store", stale=True),
        Box("shopper", "Shopper", "online", shape="person"),
        Box("query", "Encode query", "online", "6.1 ms"),
        Box("search", "Search, nprobe 8", "online", "0.4 ms"),
        Box("rank", "Re-rank", "online", "2.2 ms"),
    ),
    (
        Edge("photos", "encode"),
        Edge("encode", "index"),
        Edge("photos", "features"),
        Edge("shopper", "query"),
        Edge("query", "search"),
        Edge("index", "search", "24 MB"),
        Edge("search", "rank", "200"),
        Edge("features", "rank", "lookups"),
        Edge("rank", "photos", "clicks"),
    ),
    "Times are for one request at batch 1.",
)


def random_drawing(seed: int) -> Drawing:
    rng = random.Random(seed)
    n_boxes = rng.randint(1, 10)
    boxes = tuple(
        Box(str(i), "box " * rng.randint(1, 5), rng.choice(["offline", "online"]), "9 ms", rng.choice(SHAPES))
        for i in range(n_boxes)
    )
    pairs = [tuple(rng.choices(range(n_boxes), k=2)) for _ in range(rng.randint(0, 12))]
    edges = tuple(dict.fromkeys(Edge(str(a), str(b), rng.choice(["", "4 kB"])) for a, b in pairs))
    return Drawing(f"random {seed}", boxes, edges, "caption " * rng.randint(0, 30))


DRAWINGS = [SEARCH, *(random_drawing(seed) for seed in range(40))]


def overlap(a: Rectangle, b: Rectangle) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


def words(svg: str) -> str:
    root = ElementTree.fromstring(svg)
    return " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.title)
def test_is_valid_svg_with_a_name_and_a_description(drawing: Drawing, vertical: bool) -> None:
    root = ElementTree.fromstring(draw(drawing, vertical))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == drawing.title
    assert root.findtext(f"{SVG}desc") == describe(drawing)


@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.title)
def test_no_two_boxes_overlap_and_all_lie_in_the_view(drawing: Drawing, vertical: bool) -> None:
    places = layout(drawing, vertical)
    assert places.keys() == {box.id for box in drawing.boxes}
    assert not [pair for pair in combinations(places, 2) if overlap(places[pair[0]], places[pair[1]])]
    view = ElementTree.fromstring(draw(drawing, vertical)).get("viewBox", "").split()
    for x, y, width, height in places.values():
        assert x >= 0 and y >= 0
        assert x + width <= float(view[2]) and y + height <= float(view[3])


@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.title)
def test_no_edge_crosses_a_box(drawing: Drawing, vertical: bool) -> None:
    places = layout(drawing, vertical).values()
    for route in Plan(drawing, vertical).routes:
        for (ax, ay), (bx, by) in pairwise(route):
            run = Rectangle(min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by))
            inside = [Rectangle(p.x + 1, p.y + 1, p.width - 2, p.height - 2) for p in places]
            assert not [place for place in inside if overlap(run, place)]


def test_offline_stands_above_online_and_left_of_it_when_vertical() -> None:
    lane = {box.id: box.lane for box in SEARCH.boxes}
    wide, tall = layout(SEARCH), layout(SEARCH, vertical=True)
    offline = [box_id for box_id in lane if lane[box_id] == "offline"]
    online = [box_id for box_id in lane if lane[box_id] == "online"]
    assert max(wide[i].y + wide[i].height for i in offline) < min(wide[i].y for i in online)
    assert max(tall[i].x + tall[i].width for i in offline) < min(tall[i].x for i in online)


def test_edges_inside_a_lane_run_forward() -> None:
    places = layout(SEARCH)
    for src, dst in [("photos", "encode"), ("encode", "index"), ("query", "search"), ("search", "rank")]:
        assert places[src].x + places[src].width < places[dst].x


def test_every_label_note_and_edge_label_is_written() -> None:
    said = words(draw(SEARCH))
    for box in SEARCH.boxes:
        assert box.label in said and box.note in said
    assert all(edge.label in said for edge in SEARCH.edges)
    assert SEARCH.caption in said


def test_stale_is_said_in_words_and_shown_without_colour() -> None:
    svg = draw(SEARCH)
    assert "3 MB · stale" in words(svg)
    assert svg.count("stroke-dasharray") == 1
    assert "Feature table (3 MB, stale)" in describe(SEARCH)


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_differ(shape: str) -> None:
    one = {s: draw(Drawing("t", (Box("a", "A", "online", shape=s),), ())) for s in SHAPES}
    assert all(one[shape] != other for s, other in one.items() if s != shape)


def test_text_is_escaped() -> None:
    nasty = '<b>&"x"</b>'
    svg = draw(
        Drawing(nasty, (Box("a", nasty, "online", nasty), Box("b", "B", "online")), (Edge("a", "b", nasty),), nasty)
    )
    assert "<b>" not in svg
    assert words(svg).count(nasty) == 4
    assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == nasty


def test_same_drawing_same_text() -> None:
    assert draw(SEARCH) == draw(SEARCH)


def test_inline_is_one_line_so_that_markdown_leaves_it_alone() -> None:
    html = inline(SEARCH)
    assert "\n" not in html
    assert html.count("<svg") == 2


@pytest.mark.parametrize(
    ("boxes", "edges", "complaint"),
    [
        ((Box("a", "A", "online"),), (Edge("a", "zzz"),), "unknown box.*zzz"),
        ((Box("a", "A", "online"),), (Edge("zzz", "a"),), "unknown box.*zzz"),
        ((Box("a", "A", "sideways"),), (), "unknown lane"),
        ((Box("a", "A", "online", shape="cloud"),), (), "unknown lane .* or shape"),
        ((Box("a", "A", "online"), Box("a", "B", "online")), (), "same id"),
        ((), (), "at least one box"),
    ],
)
def test_a_wrong_drawing_is_refused(boxes: tuple[Box, ...], edges: tuple[Edge, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        draw(Drawing("t", boxes, edges))
