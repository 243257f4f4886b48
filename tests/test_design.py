"""Knobs, links and neighbours, on a small design made for the purpose."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog import BY_SLUG
from core.contract.design import (
    MOST_SEED,
    canonical,
    differences,
    from_pairs,
    from_query,
    knob,
    knobs,
    neighbours,
    read_seed,
    to_query,
    with_data_of,
    without_punctuation,
)


@dataclass(frozen=True)
class Toy:
    noise: float = knob("Noise", (0.0, 0.5), 0.0, "data", "A dial.")
    index: str = knob("Index", ("flat", "graph"), "flat", "lookup", "Trades memory for time.")
    effort: int = knob(
        "Effort", (1, 4, 16), 4, "lookup", "Trades time for recall.", active=lambda d: d.index == "graph"
    )
    dim: int = knob("Size", (8, 16, 32), 16, "representation", "Trades memory for quality.")


TOYS = st.builds(
    Toy,
    noise=st.sampled_from((0.0, 0.5)),
    index=st.sampled_from(("flat", "graph")),
    effort=st.sampled_from((1, 4, 16)),
    dim=st.sampled_from((8, 16, 32)),
)


def test_a_knob_that_does_nothing_leaves_no_trace():
    assert canonical(Toy(effort=16)) == Toy()
    assert canonical(Toy(index="graph", effort=16)) == Toy(index="graph", effort=16)


@dataclass(frozen=True)
class Barring:
    serving: str = knob("Serving", ("online", "batch"), "online", "serving", "When.")
    model: str = knob(
        "Model",
        ("light", "slow"),
        "light",
        "model",
        "What.",
        barred=lambda d: ("slow",) if d.serving == "online" else (),
    )
    size: int = knob("Size", (8, 16), 16, "model", "How large.", barred=lambda d: (16,) if d.model == "slow" else ())


def test_a_barred_option_gives_way_to_the_default_or_where_that_is_barred_to_the_first_that_is_not():
    assert canonical(Barring(model="slow")) == Barring()
    assert canonical(Barring("batch", "slow", 16)) == Barring("batch", "slow", 8)


def test_neighbours_are_one_step_of_a_number_and_any_other_choice():
    found = dict.fromkeys(d for _, d in neighbours(Toy(index="graph")))
    assert set(found) == {
        Toy(),
        Toy(index="graph", effort=1),
        Toy(index="graph", effort=16),
        Toy(index="graph", dim=8),
        Toy(index="graph", dim=32),
    }


def test_neighbours_leave_the_data_dials_alone():
    assert all(d.noise == 0.5 for _, d in neighbours(Toy(noise=0.5)))


@given(TOYS, st.integers(0, 999))
def test_a_link_opens_the_design_it_was_made_from(design, seed):
    design = canonical(design)
    assert from_query(Toy, to_query(design, seed)) == (design, seed, [])


def test_a_link_with_bad_values_opens_the_nearest_design_and_says_what_changed():
    design, seed, notes = from_query(
        Toy, {"index": "graph", "effort": "13", "dim": "huge", "colour": "red", "seed": "x"}
    )
    assert (design, seed) == (Toy(index="graph", effort=16), 0)
    assert len(notes) == 4
    assert "“13” is not on offer, so this opens 16" in notes[0]
    assert "“huge”" in notes[1] and "“colour” is not a knob" in notes[2] and "“x” is not a number" in notes[3]


@given(st.dictionaries(st.sampled_from(("noise", "index", "effort", "dim", "seed", "v", "zz")), st.text(max_size=20)))
def test_no_link_can_break_a_page(query):
    design, seed, _ = from_query(Toy, query)
    assert canonical(design) == design and 0 <= seed <= 999_999


def test_an_infinite_or_undefined_number_opens_the_default():
    for text in ("inf", "nan", "-inf", "1e999"):
        assert from_query(Toy, {"dim": text})[0] == Toy()


def test_a_setting_that_does_nothing_is_reported():
    design, _, notes = from_query(Toy, {"effort": "16"})
    assert design == Toy() and "cannot be had" in notes[0]


def test_differences_and_data():
    assert [(k.name, a, b) for k, a, b in differences(Toy(), Toy(dim=32))] == [("dim", 16, 32)]
    assert with_data_of(Toy(dim=8), Toy(noise=0.5)) == Toy(dim=8, noise=0.5)


def test_a_default_that_is_no_option_and_an_unknown_family_are_refused():
    with pytest.raises(ValueError, match="not one of"):
        knob("X", (1, 2), 3, "model", "")
    with pytest.raises(ValueError, match="family"):
        knob("X", (1, 2), 1, "colour", "")


def test_text_of_options():
    assert knobs(Toy)["dim"].text(32) == "32" and replace(knobs(Toy)["dim"], names={32: "big"}).text(32) == "big"


def test_punctuation_behind_a_pasted_link_is_dropped_and_told():
    for mark in (".", ",", ")", ">", ").", "),"):
        design, seed, notes = from_query(Toy, {"index": "graph" + mark, "effort": "16" + mark, "seed": "7" + mark})
        assert (design, seed) == (Toy(index="graph", effort=16), 7)
        assert len(notes) == 3 and all("without the punctuation" in note and mark in note for note in notes)


def test_a_name_that_stands_twice_in_a_link_is_told_and_its_last_value_is_used():
    query, notes = from_pairs([("index", "graph"), ("seed", "1"), ("index", "flat"), ("seed", "1")])
    assert query == {"index": "flat", "seed": "1"}
    assert notes == ["“index” stands twice in the link: “flat” is used, not “graph”."]


def test_many_names_that_stand_twice_are_told_in_a_few_sentences():
    pairs = [(f"x{i}", text) for text in "ab" for i in range(300)]
    notes = from_pairs(pairs)[1]
    assert len(notes) == 4 and "297 more names" in notes[-1]


def test_hundreds_of_unknown_names_make_one_sentence():
    notes = from_query(Toy, {"x" * 20 + str(i): "1" for i in range(300)})[2]
    assert len(notes) == 1 and "297 more" in notes[0] and len(notes[0]) < 200
    assert from_query(Toy, {"a": "1", "b": "2"})[2] == ["“a”, “b” are not knobs of this case and were left out."]


def test_a_seed_is_a_whole_number_of_the_range():
    assert [read_seed(text) for text in ("0", "007", str(MOST_SEED))] == [0, 7, MOST_SEED]
    assert [read_seed(text) for text in ("-1", "1000000", "1.5", "٣", "", "-0", "1e3")] == [None] * 7


@pytest.mark.parametrize("case", BY_SLUG.values(), ids=list(BY_SLUG))
def test_no_option_ends_in_what_is_dropped_behind_a_link(case):
    options = [option for each in knobs(case.Design).values() for option in each.options]
    assert all(str(option) == without_punctuation(str(option)) for option in options)


@dataclass(frozen=True)
class Renamed:
    index: str = knob("ANN index", ("flat", "hnsw"), "flat", "lookup", "How.", formerly="lookup", was={"graph": "hnsw"})
    effort: int = knob(
        "Effort",
        (1, 4),
        4,
        "lookup",
        "Trades time for recall.",
        label_by=lambda d: "efSearch" if d.index == "hnsw" else "nprobe",
    )


def test_a_link_with_the_old_name_of_a_knob_and_of_an_option_opens_the_design_of_today_without_a_word():
    assert from_query(Renamed, {"lookup": "graph", "effort": "1"}) == (Renamed("hnsw", 1), 0, [])
    assert from_query(Renamed, {"index": "graph."})[0] == Renamed("hnsw")
    assert from_query(Renamed, {"index": "flat", "lookup": "graph"})[0] == Renamed("flat")


def test_a_knob_can_be_named_by_the_choices_above_it():
    named = {design.index: knobs(Renamed)["effort"].named(design) for design in (Renamed(), Renamed("hnsw"))}
    assert named == {"flat": "nprobe", "hnsw": "efSearch"} and knobs(Renamed)["index"].named(Renamed()) == "ANN index"


def test_an_old_text_of_an_option_that_is_not_on_offer_is_refused():
    with pytest.raises(ValueError, match="'tree' of `was` is not one of"):
        knob("Index", ("flat",), "flat", "lookup", "How.", was={"graph": "tree"})
