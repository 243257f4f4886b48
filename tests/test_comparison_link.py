"""Pins as a link: there and back, and links that are old, broken or hostile."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from core.catalog import BY_SLUG, CASES
from core.contract.comparison_link import LETTERS, Pin, from_link, to_link
from core.contract.design import neighbours
from tests import toy_case

TOYS = {"toy": toy_case.CASE}
A, B = Pin(toy_case.ToyDesign(dim=4)), Pin(toy_case.ToyDesign(index="hnsw", effort=64), seed=7)


def opened(**changed):
    return from_link(TOYS, {**to_link(toy_case.CASE, [A, B], 1), **changed})


def test_a_comparison_reads_easily_and_comes_back_whole():
    link = to_link(toy_case.CASE, [A, B], 1)
    assert urlencode(link).startswith("case=toy&a=dim-4~seed-0&b=index-hnsw~effort-64~seed-7&ref=b&v=1")
    found = opened()
    assert (found.case, found.pins, found.reference, found.notes) == (toy_case.CASE, (A, B), 1, ())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_design_near_the_start_of_every_case_comes_back(case):
    designs = [design for _, design in neighbours(case.Design())] + [case.baseline, case.Design()]
    for start in range(0, len(designs), len(LETTERS)):
        pins = list(dict.fromkeys(map(Pin, designs[start : start + len(LETTERS)])))
        found = from_link(BY_SLUG, to_link(case, pins))
        assert list(found.pins) == pins and not found.notes


def test_no_more_designs_than_letters_go_into_a_link():
    pins = [Pin(toy_case.ToyDesign(), seed) for seed in range(9)]
    assert [name for name in to_link(toy_case.CASE, pins) if len(name) == 1 and name != "v"] == list(LETTERS)


def test_nothing_pinned_is_a_link_of_the_case_alone():
    link = to_link(toy_case.CASE, [])
    assert link["case"] == "toy" and "ref" not in link
    assert from_link(TOYS, link).pins == () and from_link(TOYS, link).notes == ()


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"a": "dim-1000~seed-0"}, "A, Embedding size: “1000” is not on offer, so this opens 64."),
        ({"a": "dimension-4~seed-0"}, "A, “dimension” is not a knob"),
        ({"a": "effort-64"}, "A, Effort: 64 cannot be had under these choices"),
        ({"a": "dim-4~seed-banana"}, "A, Seed: “banana”"),
        ({"a": "index-<script>alert(1)</script>"}, "“<script>alert(1)</script>” is not on offer"),
        ({"a": to_link(toy_case.CASE, [B])["a"]}, "B is the same design as another"),
        ({"ref": "e"}, "“e” is not among the designs, so A is the reference."),
        ({"z": "1"}, "“z” is not a part of a comparison"),
        ({"defaults": "0" * 8}, "Defaults of this case have changed"),
        ({"a": "dim"}, "A, Embedding size: “” is not on offer"),
    ],
)
def test_a_bad_link_opens_the_nearest_designs_and_says_what_changed(changed, said):
    found = opened(**changed)
    assert any(said in note for note in found.notes), found.notes
    assert found.pins and found.case is toy_case.CASE
    assert all(len(note) < 300 for note in found.notes)


def test_a_very_long_design_is_cut():
    found = opened(a="x" * 1_000_000)
    assert found.pins[0] == Pin(toy_case.ToyDesign()) and all(len(note) < 300 for note in found.notes)


def test_a_case_that_is_not_here_opens_nothing():
    assert from_link(TOYS, {"case": "x" * 500}).case is None
    assert len(from_link(TOYS, {"case": "x" * 500}).notes[0]) < 100
    assert from_link(TOYS, {"a": "dim-4"}).notes == ("The link names no case.",)


def test_a_mark_of_the_defaults_tells_when_one_has_changed():
    import dataclasses

    fields = {f.name: f for f in dataclasses.fields(toy_case.ToyDesign)}
    moved = dataclasses.make_dataclass(
        "Moved",
        [(n, f.type, dataclasses.field(default=64 if n == "dim" else f.default, metadata=f.metadata))
         for n, f in fields.items()],
        frozen=True,
    )  # fmt: skip
    newer = {"toy": replace(toy_case.CASE, Design=moved)}
    found = from_link(newer, to_link(toy_case.CASE, [A]))
    assert any("Defaults of this case have changed" in note for note in found.notes)
    assert found.pins[0].design.dim == 4


def test_punctuation_behind_a_pasted_comparison_changes_nothing_in_it():
    link = to_link(toy_case.CASE, [A, B], 1)
    for name in ("case", "a", "b", "ref", "defaults"):
        found = from_link(TOYS, {**link, name: link[name] + ")."})
        assert (found.pins, found.reference) == ((A, B), 1), name
        assert len(found.notes) == (name in "ab"), found.notes


def test_a_knob_that_stands_twice_in_a_design_is_told():
    notes = opened(a="dim-4~dim-64~seed-0").notes
    assert notes[0] == "A, “dim” stands twice in the link: “64” is used, not “4”."
