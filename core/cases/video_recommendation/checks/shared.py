"""The designs that several checks of video recommendation compare."""

from __future__ import annotations

from dataclasses import replace

from core.cases.video_recommendation.design import VideoRecommendation

FACTORS = VideoRecommendation(source="als", ranker="lr", candidates=100)  # small enough a funnel to see each part move
PLAIN = replace(FACTORS, ranker="none")
TREES = replace(FACTORS, ranker="gbdt")
TOWERS = replace(PLAIN, source="two_tower")
