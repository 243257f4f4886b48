"""Personalised news feed: the order of the page and its words."""

from core.catalog import BY_SLUG
from core.ui.case import first_screen, parts, tabs
from core.ui.panels import feed_panel

ABOUT = """
Who follows whom is real: 500 readers and their links in a graph of 39,796 people. Posts and readers are
simulated, because nobody publishes what people do with their feeds: about 80,000 posts in eleven days, and some
70,000 impressions in eight, of which the rankers learn from four days or a sample of them. A reader looks at a
post with a probability that falls with its place, then clicks, likes, comments, shares, hides, stays or skips.
As the simulator knows what each post was worth to each reader, so do we.

**Tuning of each ranker**

- All get the same 29 features and the same rows. Settings were chosen by AUC and distance from the true probabilities
  on the last day of seeds 0 and 1, never by the value of feeds.
- Logistic regressions: features standardised, C of 0.001, 0.01, 0.1 and 1; ridge regression for dwell.
- GBDT per task: LightGBM, 30 trees a task so that a move stays quick, 6 to 24 leaves, rates 0.08 to 0.25.
- Networks: one recipe for all three, of six learning rates, three batch sizes, three to eight passes (three are
  made, so that a move stays quick) and four strengths of weight decay; a straight path from features to scores;
  gates that start with a liking for one expert. A sample gets three passes too: fewer impressions, fewer steps.
"""

page = first_screen.draw(BY_SLUG["news_feed"], feed_panel.one_request)
tabs.show(
    page,
    {
        "Examples": (
            parts.told(
                "One feed, in order",
                "The ranker predicts every action; the feed is ordered by their weighted sum. Change what a comment, "
                "a share, a hide or ten seconds are worth, and posts move: nothing is trained again.",
                feed_panel.feed,
            ),
        ),
        "Metrics": (parts.all_metrics, parts.history, parts.seven_steps),
        "Designs": (parts.all_designs,),
        "SLO & cost": (parts.slo, parts.bill),
        "Quality loss": (parts.ablation, parts.sensitivity),
        "Scale": (
            parts.told(
                "Fan-out on write or on read",
                "Modelled by counting: every inbox written and every list read, by all 39,796 people who post more "
                "the more followers they have and visit twice a day.",
                feed_panel.fan_out,
            ),
            parts.extrapolation,
            parts.crossover,
            parts.batch_vs_online,
        ),
        "Load & failure": (parts.load_curve,),
        "Pipeline": (parts.strip,),
        "Architecture": (parts.drawing,),
    },
    ABOUT,
)
