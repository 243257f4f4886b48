"""The cases in menu order: one line a case."""

from core.cases.visual_search import CASE as visual_search

CASES = (visual_search,)
BY_SLUG = {case.slug: case for case in CASES}
