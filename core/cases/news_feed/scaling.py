"""What grows with the posts, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.news_feed.data.follows import N_READERS
from core.cases.news_feed.design import NewsFeed
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, QualityGrowth, ScalingPart, fixed, keyed, linear


def scaling_parts(design: NewsFeed, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Recent posts with their features, and inboxes, grow with the posts; a feed looks at a fixed number of them."""
    gathered = fixed("gathering", f"at most {design.cap} candidates enter the funnel, however many were written")
    if design.serving == "batch":
        each = measured.parts_bytes["store"] / measured.n_keys
        return (keyed("store", "ten posts for each reader, however many were written", bytes_each=each), gathered)
    n = measured.n_items
    bytes_each = (measured.memory_bytes - measured.parts_bytes["model"]) / n
    why = "features of each recent post, and a place in inboxes"
    fans_out = design.fanout != "pull"
    posts = linear("posts and inboxes", n, why, bytes_each=bytes_each, in_job=fans_out, built_by=("fan out",))
    return (posts, gathered, fixed("ranker", "it ranks what the pre-ranker keeps"))


def quality_growth(design: NewsFeed) -> QualityGrowth:
    """A reader's candidates are the newest of the people followed, however many others write."""
    return QualityGrowth(
        f"a feed is made of at most {design.cap} posts of people followed; how many a reader follows, and how often "
        "they write, is assumed to stay"
    )


def _widest(design: NewsFeed) -> int:
    return 32 if design.model == "mmoe" and design.experts == 8 else 64


ABLATION_STEPS = (
    AblationStep("approximate", {}, "those whom a reader follows are all asked; no index leaves any out"),
    AblationStep("sampled", {"learnt_from": 1.0}),
    AblationStep("compressed", {"dim": 16, "width": _widest, "format": "fp32"}),
    AblationStep("cut at N", {"cap": 200, "prerank": "none"}),
    AblationStep("stale", {"serving": "online", "every_h": 1, "cache_min": 0}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"},
    batch={"serving": "batch"},
    hybrid={},
    keys=lambda design: N_READERS,
    keys_are="readers",
    note="Near-line counters make features ahead, not feeds; a feed is made for each request all the same.",
)
