"""The words of a case as data: a good pair of files is read in full, a bad one gets one message with file and line."""

from dataclasses import dataclass

import pytest

from core.contract.case import Published, Source
from core.contract.design import knob
from core.contract.interview_spec import STEPS, Claim, InterviewStep
from core.contract.words import WordsError, load_interview, load_sources

SOURCES = """\
# Where it comes from.

[sources.digits]
title = "Digits"
detail = "Handwritten, by many."
kind = "data"

[sources.paper]
title = "A paper, 2020"
detail = \"\"\"\\
  Abstract: it \\
  works.\"\"\"
kind = "paper"
url = "https://example.org"

[[published]]
what = "Accuracy"
figure = "98 %"
source = "paper"
ours = "Check T1."
agrees = ["T1"]

[[published]]
what = "Speed"
figure = "3 ms"
source = "digits"
ours = "None."
"""
STEP = """
[{step}]
questions = [
  "What of {step}?",
]
decision = "Which {step}?"
pitfalls = ["Too little {step}."]
"""
CLARIFY = """
[clarify]
questions = [
  "Who asks?",
  "How many?",
]
decision = "Which load?"
knobs = ["dim", "effort"]
pitfalls = [
  "The mean.",
]

[[clarify.remarks]]
check = "T1"

[[clarify.remarks]]
text = "It works elsewhere."
source = "paper"
"""
SCAN = """
[framings.scan]
label = "By scan"
words = "All."
"""
TOP = """\
guardrail = "recall"
curve_knob = "effort"

[framings.walk]
label = "By walk"
words = "A graph."
"""
INTERVIEW = TOP + SCAN + CLARIFY + "".join(STEP.format(step=step) for step in STEPS if step != "clarify")
FRAMINGS = {"scan": lambda design: "scanned", "walk": lambda design: "walked"}


@dataclass(frozen=True)
class Toy:
    """A design with two knobs."""

    dim: int = knob("Size", (2, 4), 2, "representation", "Larger is finer and slower.")
    effort: int = knob("Effort", (1, 2), 1, "lookup", "More finds more.")


@pytest.fixture
def load(tmp_path):
    """Write both files beside a module and read them."""

    def loaded(interview=INTERVIEW, sources=SOURCES):
        (tmp_path / "interview.toml").write_text(interview, encoding="utf-8")
        (tmp_path / "sources.toml").write_text(sources, encoding="utf-8")
        module = str(tmp_path / "interview.py")
        found, published = load_sources(module)
        return found, published, load_interview(module, Toy, found, FRAMINGS, lambda design, seed: None)

    return loaded


def test_sources_and_published_figures_are_read_in_full(load):
    sources, published, _ = load()
    paper = Source("A paper, 2020", "Abstract: it works.", "paper", "https://example.org")
    digits = Source("Digits", "Handwritten, by many.", "data")
    assert sources == {"digits": digits, "paper": paper} and list(sources) == ["digits", "paper"]
    assert published == (
        Published("Accuracy", "98 %", paper, "Check T1.", ("T1",)),
        Published("Speed", "3 ms", digits, "None."),
    )


def test_an_interview_is_read_in_full(load):
    interview = load()[2]
    assert list(interview.stops) == list(STEPS)
    assert (interview.guardrail, interview.curve_knob) == ("recall", "effort")
    assert interview.stops["clarify"] == InterviewStep(
        questions=("Who asks?", "How many?"),
        decision="Which load?",
        knobs=("dim", "effort"),
        remarks=(Claim("", "T1"), Claim("It works elsewhere.", "A paper, 2020")),
        pitfalls=("The mean.",),
    )
    assert interview.stops["data"] == InterviewStep(("What of data?",), "Which data?", pitfalls=("Too little data.",))


def test_framings_keep_the_order_of_the_file_and_run_the_function_of_their_key(load):
    framings = load()[2].framings
    assert [(each.label, each.words, each.design(None)) for each in framings] == [
        ("By walk", "A graph.", "walked"),
        ("By scan", "All.", "scanned"),
    ]


def test_a_case_without_a_learning_curve_names_no_knob_for_it(load):
    assert load(INTERVIEW.replace('curve_knob = "effort"\n', ""))[2].curve_knob is None


# what is wrong: a piece of the file, what stands there instead, what marks the line (and which one of these), the words
BROKEN_INTERVIEWS = {
    "unknown key": (
        '"Which load?"',
        '"Which load?"\nknob = ["dim"]',
        'knob = ["',
        "unknown key “knob”: use questions, dec",
    ),
    "unknown key at the top": ("guardrail", 'guard = "x"\nguardrail', "guard =", "unknown key “guard”: use guardrail"),
    "missing key": (
        'decision = "Which load?"\n',
        "",
        "[clarify]",
        "“clarify.decision” is missing: add it here, as a string",
    ),
    "missing key at the top": ('guardrail = "recall"\n', "", "curve_knob", "“guardrail” is missing: add it here, as"),
    "missing step": (STEP.format(step="data"), "", "guardrail", "“data” is missing: add it here, as a table, which st"),
    "unknown step": ("[data]", "[date]", "[date]", "unknown key “date”: use guardrail, framings, clarify, frame, data"),
    "no knob of the design": ('"dim", "effort"]', '"dim", "size"]', "knobs = ", "“size” cannot be in “knobs”: use dim"),
    "no knob for the curve": (
        'curve_knob = "effort"',
        'curve_knob = "n"',
        "curve_knob",
        "“n” cannot be in “curve_knob”",
    ),
    "unknown source": (
        'source = "paper"',
        'source = "papr"',
        "papr",
        "“papr” cannot be in “source”: use digits, paper",
    ),
    "a list for a text": (
        '"Which load?"',
        '["Which?"]',
        '["Which?"]',
        "“decision” has to be a string that is not empty",
    ),
    "a text for a list": ('["dim", "effort"]', '"dim"', "knobs = ", "“knobs” has to be a list of strings"),
    "a number in a list": ('["dim", "effort"]', '["dim", 3]', "knobs = ", "“knobs” has to be a list of strings"),
    "empty text": ('"Which load?"', '" "', 'decision = " "', "“decision” has to be a string that is not empty"),
    "empty text in a list": (
        '"The mean."',
        '""',
        ("pitfalls", 1),
        "“pitfalls” has to be a list of strings that are not",
    ),
    "check and source": (
        '"T1"',
        '"T1"\nsource = "paper"',
        "[[clarify.remarks]]",
        "on a check or on a source: give either",
    ),
    "neither of them": ('check = "T1"\n', "", "[[clarify.remarks]]", "on a check or on a source: give either"),
    "a text beside a check": ('"T1"', '"T1"\ntext = "So."', "So.", "takes the check's sentence: delete its text"),
    "a source without text": (
        'text = "It works elsewhere."\n',
        "",
        ("[[clarify.remarks]]", 2),
        "“clarify.remarks.text” is missing: add",
    ),
    "remarks that are no list": (CLARIFY, STEP.format(step="clarify") + "remarks = 3\n", "remarks", "a list of tables"),
    "a framing without code": (
        "[framings.walk]",
        "[framings.fly]",
        "framings.fly",
        "unknown key “fly”: use scan, walk",
    ),
    "code without a framing": (SCAN, "", "guardrail", "“framings.scan” is missing: add it here, as a table"),
    "a framing without words": (
        'words = "All."\n',
        "",
        "[framings.scan]",
        "“framings.scan.words” is missing: add it here, as a string",
    ),
    "no quotes": ('"Which load?"', "Which load?", "Which load?", "mend the TOML here: Invalid value"),
    "a step twice": ("[data]", "[clarify]", ("[clarify]", 2), "mend the TOML here: Cannot declare"),
}
BROKEN_SOURCES = {
    "unknown key": (
        'kind = "data"',
        'kind = "data"\nlicence = "MIT"',
        "licence",
        "unknown key “licence”: use title, det",
    ),
    "missing key": (
        'detail = "Handwritten, by many."\n',
        "",
        "[sources.digits]",
        "“sources.digits.detail” is missing: add it here, as",
    ),
    "unknown kind": (
        'kind = "paper"',
        'kind = "rumour"',
        "rumour",
        "“rumour” cannot be in “kind”: use data, paper, docum",
    ),
    "unknown source": ('source = "digits"', 'source = "digit"', '"digit"', "“digit” cannot be in “source”: use digits"),
    "a text for a list": ('agrees = ["T1"]', 'agrees = "T1"', "agrees", "“agrees” has to be a list of strings"),
    "missing in the second": (
        'figure = "3 ms"\n',
        "",
        ("[[published]]", 2),
        "“published.figure” is missing: add it here, as a str",
    ),
    "empty text": ('"https://example.org"', '""', "url", "“url” has to be a string that is not empty"),
    "a text for a source": ("[sources.digits]", '[sources]\nx = "y"\n[sources.digits]', "x =", "“x” has to be a table"),
    "no sources": (SOURCES, "# none\n", "# none", "“sources” is missing: add it here, as a table"),
    "no end of a list": (SOURCES, SOURCES + 'more = ["T1"', "more =", "mend the TOML here: Unclosed array"),
}


def first_line(text, mark):
    """The line, from 1, of a piece of text; (piece, n) is its nth line."""
    piece, nth = (mark, 1) if isinstance(mark, str) else mark
    return [n for n, line in enumerate(text.splitlines(), start=1) if piece in line][nth - 1]


@pytest.mark.parametrize("piece, instead, mark, words", BROKEN_INTERVIEWS.values(), ids=BROKEN_INTERVIEWS)
def test_a_broken_interview_is_refused_by_file_line_and_what_to_do(load, tmp_path, piece, instead, mark, words):
    broken = INTERVIEW.replace(piece, instead, 1)
    with pytest.raises(WordsError) as refused:
        load(interview=broken)
    where = f"{tmp_path / 'interview.toml'}:{first_line(broken, mark)}: "
    assert str(refused.value).startswith(where) and words in str(refused.value)


@pytest.mark.parametrize("piece, instead, mark, words", BROKEN_SOURCES.values(), ids=BROKEN_SOURCES)
def test_broken_sources_are_refused_by_file_line_and_what_to_do(load, tmp_path, piece, instead, mark, words):
    broken = SOURCES.replace(piece, instead, 1)
    with pytest.raises(WordsError) as refused:
        load(sources=broken)
    where = f"{tmp_path / 'sources.toml'}:{first_line(broken, mark)}: "
    assert str(refused.value).startswith(where) and words in str(refused.value)


def test_a_file_that_is_missing_or_in_another_encoding_is_named(load, tmp_path):
    with pytest.raises(WordsError, match=r"sources\.toml:1: there has to be such a file, in UTF-8"):
        load_sources(str(tmp_path / "interview.py"))
    (tmp_path / "sources.toml").write_bytes("title = “é”".encode("utf-16"))
    with pytest.raises(WordsError, match=r"sources\.toml:1: there has to be such a file, in UTF-8"):
        load_sources(str(tmp_path / "interview.py"))
