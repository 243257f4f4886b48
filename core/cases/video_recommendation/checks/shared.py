"""The designs that several checks of video recommendation compare."""

from __future__ import annotations

from dataclasses import replace

from core.cases.video_recommendation.design import VideoRecommendation

DEFAULT = VideoRecommendation()
PLAIN = replace(DEFAULT, ranker="none")
TREES = replace(DEFAULT, ranker="gbdt")
TOWERS = replace(PLAIN, source="two_tower")
