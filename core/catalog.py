"""The cases in menu order: one line a case."""

from core.cases.ad_click import CASE as ad_click
from core.cases.event_recommendation import CASE as event_recommendation
from core.cases.harmful_content import CASE as harmful_content
from core.cases.news_feed import CASE as news_feed
from core.cases.people_you_may_know import CASE as people_you_may_know
from core.cases.similar_listings import CASE as similar_listings
from core.cases.street_view_blurring import CASE as street_view_blurring
from core.cases.video_recommendation import CASE as video_recommendation
from core.cases.video_search import CASE as video_search
from core.cases.visual_search import CASE as visual_search

CASES = (
    visual_search,
    street_view_blurring,
    video_search,
    harmful_content,
    video_recommendation,
    event_recommendation,
    ad_click,
    similar_listings,
    news_feed,
    people_you_may_know,
)
BY_SLUG = {case.slug: case for case in CASES}
