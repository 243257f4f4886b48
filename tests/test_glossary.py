"""The glossary, and its terms as tooltips in the words of a page."""

import re
from html.parser import HTMLParser

import pytest

from core.interview.glossary import GROUPS, TERMS, by_anchor, occurrences, search
from core.ui.cards import Figure
from core.ui.cards import figures as cards_of
from core.ui.terms import in_html, in_markdown

ASKED_FOR = re.split(
    ", ",
    "recall@k, nDCG, MRR, mAP, AP, ROC-AUC, normalised entropy, calibration, p50, p95, p99, service time, "
    "response time, coordinated omission, open loop, utilisation, nprobe, efSearch, HNSW, IVF, PQ, SQ8, LSH, ANN, "
    "re-rank, two-tower, logQ, ALS, BPR, LambdaMART, GBDT, hashing trick, FM, DeepFM, isotonic, Platt, MMoE, "
    "shared-bottom, fan-out, freshness, cold start, backlog, NMS, IoU, cascade, RRF, BM25, LSA, embedding, "
    "friends-of-friends, Adamic-Adar, LightGCN, bootstrap interval, paired test, Pareto front, knee, "
    "binding constraint, break-even, canary, drift, SLO, goodput, tail latency, dominated, Pareto-optimal, over-fetch, "
    "pre-filter, post-filter, exact search, IVF-Flat, IVF-SQ8, PQ4 fast scan, Hamming distance, hybrid retrieval, "
    "candidate generator, position bias, negative downsampling, replica, shard, int8, distillation",
)


class Tooltips(HTMLParser):
    """(word, title, reachable by keyboard) of every tooltip, and any other tag."""

    def __init__(self, markup):
        super().__init__()
        self.found, self.others, self.open = [], [], None
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.open = dict(attrs) if tag == "abbr" else None
        if tag != "abbr":
            self.others.append(tag)

    def handle_data(self, data):
        if self.open:
            self.found.append((data, self.open["title"], self.open.get("tabindex") == "0"))
            self.open = None


def words_of(text):
    return [word for word, _, _ in Tooltips(in_markdown(text)).found]


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_every_term_has_one_sentence_a_source_and_an_address(term):
    assert term.meaning[-1] == "." and not re.search(r"\. [A-Z]", term.meaning)
    assert term.source and term.url.startswith("https://")
    assert by_anchor(term.anchor) is term
    assert re.fullmatch(r"[a-z0-9-]+", term.anchor)


def test_no_two_terms_share_a_spelling():
    names = [name.casefold() for term in TERMS for name in (term.name, *term.also)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("word", ASKED_FOR)
def test_the_terms_that_the_app_uses_are_there(word):
    ((start, end, _),) = occurrences(word)
    assert (start, end) == (0, len(word))


def test_a_search_looks_in_names_spellings_and_meanings():
    assert [term.name for term in search("HNSW")][:1] == ["HNSW"]
    assert "ROC-AUC" in [term.name for term in search("auc")]
    assert {"p50", "p95", "p99"} <= {term.name for term in search("requests stay")}
    assert search("") == list(TERMS) and search("  ") == list(TERMS)
    assert search("nosuchword") == [] and search("<b>") == []
    assert by_anchor("nosuchterm") is None


def test_every_term_is_in_a_group():
    assert {term.group for term in TERMS} == set(GROUPS)


@pytest.mark.parametrize(
    "text, found",
    [
        ("Embeddings of 32 numbers", ["Embeddings"]),
        ("recall@10 is a recall", ["recall@10", "recall"]),
        ("average precision", ["average precision"]),  # and not “precision”
        ("the FM, but fm in the car", ["FM"]),
        ("a map of IVFs in Kneepoint", []),
        ("p99 service time at p999", ["p99", "service time"]),
        ("AP@10 and mAP", ["AP@10", "mAP"]),
        ("nDCG@10, recall@N, Recall@k; nDCG@home", ["nDCG@10", "recall@N"]),
        ("Cascades cascade", ["cascade"]),
        ("", []),
    ],
)
def test_whole_words_are_found_and_the_longest_first(text, found):
    assert words_of(text) == found


def test_the_keyboard_stops_once_at_a_term_that_several_figures_name():
    figures = [Figure(label, "1", "measured") for label in ("nDCG@10", "nDCG@10, newcomers", "<b>")]
    read = Tooltips(markup := cards_of(figures))
    assert [(word, stop) for word, _, stop in read.found] == [("nDCG@10", True), ("nDCG@10", False)]
    assert "&lt;b&gt;" in markup


def test_a_term_is_told_once_a_paragraph_and_stops_the_keyboard_once():
    told = Tooltips(in_markdown("A knee, a knee.\n\nOne more knee.")).found
    assert [word for word, _, _ in told] == ["knee", "knee"]
    assert [stop for _, _, stop in told] == [True, False]
    assert told[0][1].startswith("knee: The point of a curve")


@pytest.mark.parametrize(
    "text",
    ["`recall`", "[recall](https://x.org/recall)", "https://x.org/recall", ":material/recall:", "![knee](a.png)"],
)
def test_code_links_and_icons_are_left_alone(text):
    assert in_markdown(text) == text


@pytest.mark.parametrize("write", [in_markdown, in_html])
def test_markup_in_a_text_is_shown_and_not_run(write):
    markup = write('<script>alert("recall")</script> & <img src=x onerror=alert(1)>')
    read = Tooltips(markup)
    assert read.others == [] and [word for word, _, _ in read.found] == ["recall"]
    assert "&lt;script&gt;" in markup and "&amp;" in markup


def test_the_words_stay_as_they_were():
    text = "**Recall** falls where p95 < 3 ms:\n- nprobe of IVF & PQ\n- _knee_"
    plain = re.sub(r"</?abbr[^>]*>", "", in_markdown(text))
    assert plain == text.replace("<", "&lt;").replace(" & ", " &amp; ")
