"""Video recommendation: the order of the page and its words."""

from core.catalog import BY_SLUG
from core.ui.case import first_screen, parts, tabs
from core.ui.panels import funnel

ABOUT = """
A recommender is a funnel: a **candidate generator** picks a hundred or so of all films, a **ranker** puts them in
order, and the list is made varied. The ratings are real: 100,004 of 9,066 films, each with its second. All is trained
three times, on what came before 2001, 2006 and 2011, and asked by those who came after, 358 people unless a data
condition changes that.

- **A request.** Somebody new in the era, with at least ten likes (four stars or more). Of a cold-start user two likes
  are known, of the others half. Right answers are the likes that follow, at most twenty. Films already seen are left
  out.
- **Dates.** Stores are written at the full hour, at midnight UTC or weekly, and know only what was rated before.
  Three in five people of MovieLens rated everything in one sitting of less than a day, so a nightly store has not met
  them yet: they get the list for strangers, which is the most liked films.
- **Tuning.** Each model got eight settings at least, on the same people: a fifth of those in each log, kept from the
  sources. With seed 0 there were eight trials for item neighbours (how many, how much to shrink), 17 for ALS (size,
  regularisation, weight), 17 for BPR (rate, regularisation, passes, steps for a cold-start user), 12 for the two
  towers (steps, rate, decay, which films get numbers of their own). The most liked films have nothing to tune. The
  network over ALS vectors (width and rate), the logistic regression (penalty) and the boosted trees (leaves and rate)
  had eight each.
- **Trained for longer.** The training logs are small (15,000 to 34,000 likes), so that a design takes a second or
  two. Longer training was tried once (recorded 29 November 2026, seed 0, without a ranker). With four times the steps
  the two towers have recall@100 .305 in place of .292, ALS .295. With 20 times the steps the network over ALS vectors
  has .274, still below the plain product (by .021, .007 to .035); their nDCG, .110 and .113, cannot be told apart.
- **Which source?** These 358 requests cannot rank the sources behind a ranker: neither ALS nor the two towers is
  shown to beat the most liked films (check R4c). Without a ranker, or for cold-start users, they can be told apart.
- **Care.** MovieLens itself proposed the films that people rated, popular ones first. That makes the most liked films
  a stronger rival here than elsewhere, and what was never proposed counts as not liked. There are no watch times.
- **Memory and time** are of the latest era's models. Ratings of three eras train three models, and the build time is
  the sum.
"""

page = first_screen.draw(BY_SLUG["video_recommendation"], funnel.one_request)
tabs.show(
    page,
    {
        "Examples": (
            parts.told(
                "One person's way through the funnel",
                "The first column is what they liked lately, the others the first ten films after each stage. "
                "“Was 12” is the place one stage earlier, ✓ a film that they went on to like.",
                funnel.people,
            ),
            parts.told("What each stage keeps", "", funnel.stages),
        ),
        "Metrics": (parts.all_metrics, parts.history, parts.seven_steps),
        "Designs": (parts.all_designs,),
        "SLO & cost": (parts.slo, parts.bill),
        "Quality loss": (parts.ablation, parts.sensitivity),
        "Scale": (parts.extrapolation, parts.crossover, parts.batch_vs_online),
        "Load & failure": (parts.load_curve,),
        "Pipeline": (parts.strip,),
        "Architecture": (parts.drawing,),
    },
    ABOUT,
)
