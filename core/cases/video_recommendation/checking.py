"""What the checks of video recommendation share: designs, and comparisons over the same requests."""

from __future__ import annotations

from dataclasses import replace

from core.cases.video_recommendation.design import VideoRecommendation
from core.cases.video_recommendation.run import run
from core.metrics import PairedDifference, paired_difference

DEFAULT = VideoRecommendation()
PLAIN = replace(DEFAULT, ranker="none")


def value(design: VideoRecommendation, seed: int, key: str = "ndcg@10") -> float:
    """A quality of a design."""
    return run(design, seed).quality[key].value


def gain(one: VideoRecommendation, other: VideoRecommendation, seed: int, key: str = "ndcg@10") -> PairedDifference:
    """What `other` has over `one`, by the paired test over the same requests."""
    now, was = (run(design, seed).quality[key].per_query for design in (other, one))
    return paired_difference(now, was, seed)


def told(key: str, over: PairedDifference) -> str:
    """A difference in words."""
    return f"{key} {over.mean:+.3f} ({over.low:+.3f} to {over.high:+.3f})"
