"""Links as somebody makes them who wishes us ill, and what must not be found in anything that is drawn of them."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from core.catalog import CASES
from core.contract.comparison_link import LETTERS
from core.contract.design import knobs
from core.serving.requirement_text import LIMITS

FOREIGN = "https://evil.example/a"
MARKUP = (
    f"[Log in here]({FOREIGN})", f"![i]({FOREIGN}.png)", FOREIGN, "www.evil.example", f"<{FOREIGN}>",
    f'<a href="{FOREIGN}">x</a>', f"<img src={FOREIGN} onerror=alert(1)>", "<script>alert(1)</script>",
    "# evil heading", ":material/evil:", ":red[evil]", ":evil:", "$evil$", "$$evil$$", "`evil`", "**evil**",
    "~~evil~~", f"[a]: {FOREIGN}", f"x\n\n[a]({FOREIGN})", "\\[evil](x)", "| evil |\n|---|",
    "&lt;evil&gt;", "{{evil}}", "%3Cevil%3E",
)  # fmt: skip
HOSTILE = (
    "", " ", "\x00", "\u202eevil", "\ufeff", "é" * 500, "9" * 400, "1e400", "nan", "-inf", "5e-324", "1e308", "-0",
    "٣", "²", "../../etc/passwd", "'; drop table", "none", "None", "true", "~", "-", "a-b~c-d", "dim-~seed-", "," * 300,
)  # fmt: skip
WORDS = (
    "seed", "v", "predict", "case", "step", "check", "kind", "state", "ref", "defaults", "term", "room", "role",
    "embed", "class", "student", "presenter", *LETTERS, *LIMITS, "assume_vcpu_hour", "assume_cache_ttl_s",
    "assume_evil",
)  # fmt: skip
NAMES = (*WORDS, *sorted({name for case in CASES for name in knobs(case.Design)}))
# what Markdown or Streamlit would make something of, were it not escaped
RAW = re.compile(
    r"https://evil|www\.evil|(?<!\\)\]\(https?:|<(a|img|script)\b[^>]*evil|<script>alert|^#+ evil|"
    r"(?<!\\):material/evil|:red\[evil|:evil:|(?<!\\)\$evil|(?<!\\)`evil|(?<!\\)\*evil|(?<!\\)~evil",
    re.MULTILINE,
)

texts = st.sampled_from(MARKUP + HOSTILE) | st.text(max_size=60) | st.sampled_from(MARKUP).map(lambda text: text * 9)
names = st.sampled_from(NAMES) | st.sampled_from(MARKUP) | st.text(min_size=1, max_size=20)
long_links = st.integers(20, 300).map(lambda n: {f"[{i}]({FOREIGN})": "1" for i in range(n)})
links = st.dictionaries(names, texts, max_size=12) | long_links


def found(text: str) -> str:
    """What of a visitor's markup stands in a text as markup; empty where nothing does."""
    seen = RAW.search(text)
    return seen[0] if seen else ""
