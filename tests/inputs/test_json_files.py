"""JSON that somebody brings: every file is read or refused in one sentence, and what is read can be shown."""

import json

import pytest

from core.contract.json_file import MOST_BYTES
from core.export import tables
from core.interview.mock_interview import MOST_ENTRIES, MOST_TEXT, Rehearsal, log_rows, transcript
from core.interview.transcript_file import from_json, to_json
from core.ui.interview.mock_interview_log import _banner
from tests.toy_case import CASE

MOST_SENTENCE = 320
EVIL = "[Log in here](https://evil.example/a) ![i](https://evil.example/i) <img src=x onerror=alert(1)> | # :red[a] $x$"


def rehearsed():
    """A mock interview with one of everything."""
    made = Rehearsal("visual_search", 3)
    made.start(1_000.0)
    made.add(1_010.0, "design", "the first", {"nDCG@10": "0.8"})
    made.notes["data"], made.grades["baseline"] = "what I wrote", "well"
    made.throw(1_015.0, "Half the budget.")
    made.balls[0].broke, made.missed = ("budget_usd",), ("p99_ms", "budget_usd")
    made.add(1_020.0, "end", "The rehearsal was ended.")
    return made


def altered(**changed):
    return json.dumps({**json.loads(to_json(rehearsed())), **changed})


def entry(**changed):
    return altered(entries=[{"at_s": 10.0, "kind": "design", "text": "a", "figures": {}} | changed])


def ball(**changed):
    return altered(
        balls=[{"text": "a", "at_s": 1.0, "before": [], "broke": None, "impact": "", "outcome": ""} | changed]
    )


def in_place_of(old, new):
    text = to_json(rehearsed())
    assert old in text
    return text.replace(old, new, 1)


REFUSED = {
    "empty": "",
    "no JSON": "{",
    "not UTF-8": b"\xff\xfe\x00",
    "a list": "[1, 2]",
    "a text": '"a"',
    "a number": "3",
    "nearly nothing": '{"version": 1}',
    "cut off": to_json(rehearsed())[:-20],
    "too large": " " * (MOST_BYTES + 1),
    "a list in a list in a list": "[" * 200_000,
    "objects in objects": '{"a":' * 200_000,
    "nested where notes are": altered(notes=0).replace('"notes": 0', '"notes": ' + "[" * 5_000 + "]" * 5_000),
    "another version": altered(version=2),
    "no version": altered(version=None),
    "step unknown": altered(step="coffee"),
    "time a text": entry(at_s="ten"),
    "time null": entry(at_s=None),
    "time before the start": entry(at_s=-1.0),
    "time no number": in_place_of('"at_s": 10.0', '"at_s": NaN'),
    "time a list": entry(at_s=[1.0]),
    "time without end": in_place_of('"at_s": 10.0', '"at_s": Infinity'),
    "time beyond numbers": in_place_of('"at_s": 10.0', '"at_s": 1e999'),
    "a number of 5,000 digits": in_place_of('"at_s": 10.0', '"at_s": ' + "9" * 5_000),
    "a seed of 5,000 digits": in_place_of('"seed": 3', '"seed": ' + "9" * 5_000),
    "seed a text": altered(seed="3"),
    "seed without bound": altered(seed=10**40),
    "seed of Markdown": altered(seed="[a](https://evil.example)"),
    "figures a text": entry(figures="fast"),
    "figures a list": entry(figures=["fast"]),
    "a figure a number": entry(figures={"p99": 3}),
    "figures by the thousand": entry(figures={str(n): "" for n in range(999)}),
    "text a number": entry(text=3),
    "text null": entry(text=None),
    "text without end": entry(text="x" * (MOST_TEXT + 1)),
    "kind unknown": entry(kind="coffee"),
    "entry unknown": altered(entries=[3]),
    "entries null": altered(entries=None),
    "more entries than a log holds": altered(entries=[{"at_s": 1.0, "kind": "step", "text": ""}] * (MOST_ENTRIES + 1)),
    "notes a number": altered(notes=3),
    "notes a list": altered(notes=["a"]),
    "a note a number": altered(notes={"data": 3}),
    "a note without end": altered(notes={"data": "x" * (MOST_TEXT + 1)}),
    "a note of no step": altered(notes={"coffee": "a"}),
    "grade unknown": altered(grades={"scope": "great"}),
    "grade a list": altered(grades={"scope": ["well"]}),
    "grade of no question": altered(grades={"luck": "well"}),
    "grade of Markdown": altered(grades={"scope": EVIL}),
    "half of a sign": entry(text="a").replace('"text": "a"', '"text": "\\ud800"'),
    "a ball that says nothing": altered(balls=[{"text": "no more"}]),
    "ball broke a text": ball(broke="cost"),
    "ball before a number": ball(before=3),
    "ball at no time": ball(at_s=None),
    "ball impact a number": ball(impact=3),
    "missed a text": altered(missed="cost"),
    "a further field": altered(luck=3),
    "a field of Markdown": altered(**{EVIL: 3}),
    "case a number": altered(case=3),
    "case without end": altered(case="x" * 10_000),
    "started at text": altered(started_s="now"),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_no_transcript_is_refused_in_one_sentence(content):
    with pytest.raises(ValueError) as refused:
        from_json(content)
    said = str(refused.value)
    assert ("not a transcript of a rehearsal" in said or "of version 2" in said) and len(said) < MOST_SENTENCE
    assert said.endswith(".") and "\n" not in said and "4300" not in said


ODD = {
    "as it was saved": to_json(rehearsed()),
    "of before curve-balls had a record": json.dumps(
        {name: value for name, value in json.loads(to_json(rehearsed())).items() if name not in ("balls", "missed")}
    ),
    "an empty one": to_json(Rehearsal("visual_search", 0)),
    "an unknown case": altered(case="gone"),
    "Markdown everywhere": altered(
        notes={"data": EVIL},
        missed=[EVIL],
        entries=[{"at_s": 1.0, "kind": "design", "text": EVIL, "figures": {EVIL: EVIL}}],
        balls=[{"text": EVIL, "at_s": 1.0, "before": [EVIL], "broke": [], "impact": EVIL, "outcome": EVIL}],
    ),
    "signs without a letter": entry(text="\u202e\u0000\u200b\ufeff", figures={"\u202e": "\u0007"}),
    "whole seconds": entry(at_s=3),
    "names that stand twice": in_place_of('"seed": 3', '"seed": 3, "seed": 4'),
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_what_is_read_can_be_shown_saved_and_read_again(content):
    made = from_json(content)
    assert from_json(to_json(made)) == made
    log_rows(made)
    text = transcript(made, CASE.title) + "\n".join(_banner(ball, ()) for ball in made.balls)
    for markup in ("[Log in here](", "![i]", "<img", " :red[", " $x$"):
        assert markup not in text


def test_a_rehearsal_comes_back_as_it_was():
    assert from_json(to_json(rehearsed())) == rehearsed()


def test_the_longest_rehearsal_that_can_be_saved_can_be_read():
    made = rehearsed()
    made.entries.pop()
    for n in range(2 * MOST_ENTRIES):
        made.add(1_000.0 + n, "ball", "é" * 2 * MOST_TEXT)
    assert len(to_json(made).encode()) < MOST_BYTES and from_json(to_json(made)) == made


def design_file(**changed):
    whole = {"schema": tables.SCHEMA, "version": tables.VERSION, "case": CASE.slug, "design": {}, "figures": {}}
    return json.dumps(whole | changed)


NO_DESIGN = {
    "an option a list": design_file(design={"dim": [16]}),
    "an option an object": design_file(design={"dim": {"a": 1}}),
    "an option without end": design_file(design={"dim": "x" * 10_000}),
    "a name without end": design_file(design={"x" * 10_000: 1}),
    "a figure a text": design_file(figures={"p99_ms": "fast"}),
    "figures a list": design_file(figures=[1]),
    "case a list": design_file(case=["toy"]),
    "no design": design_file(design=None),
    "5,000 digits": design_file(design={"dim": 0}).replace('"dim": 0', '"dim": ' + "9" * 5_000),
    "half of a sign": design_file(design={"dim": "a"}).replace('"a"', '"\\ud800"'),
}


@pytest.mark.parametrize("content", NO_DESIGN.values(), ids=NO_DESIGN)
def test_a_file_that_is_no_design_is_refused_in_one_sentence(content):
    with pytest.raises(ValueError) as refused:
        tables.read_json({CASE.slug: CASE}, content)
    said = str(refused.value)
    assert "not a design saved by Kneepoint" in said and len(said) < MOST_SENTENCE and "4300" not in said


def test_unknown_knobs_are_counted_and_only_a_few_are_named():
    many = {f"knob {n}": "1" for n in range(100_000)}
    loaded = tables.read_json({CASE.slug: CASE}, design_file(design={"dim": "16", "seed": 2, **many}))
    assert (loaded.design.dim, loaded.seed) == (16, 2)
    (note,) = loaded.notes
    assert "99,997 more" in note and len(note) < 200
