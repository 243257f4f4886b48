"""People you may know: the order of the page and its words."""

from core.catalog import BY_SLUG
from core.ui.case import first_screen, parts, sections, tabs
from core.ui.panels import neighbourhood

ABOUT = (
    "On the web of trust today is 1 January 2006: 29,000 people and 132,000 links are known, and 1,000 people who make "
    "a new link within the year are asked about. What counts is how many of those links are among the ten people "
    "suggested.\n\n"
    "**Tuning.** Counts have nothing to tune but the knobs. For GBDT, nine settings of number, leaves, learning rate "
    "and least rows were tried on 800 people of the year before whom the trees did not learn from (recorded 29 "
    "November 2026). None gained half a point of recall@10 over 30 trees of 15 leaves, the quickest."
)
STORE = (
    "The precomputed table here holds the people asked about. Its size is carried to everybody by rows, and the time "
    "of its job by the links walked or, where nothing is walked, by people: both are counted. Coverage and AUC are "
    "those of the snapshot."
)


def table(run):
    """What a precomputed table holds here, where one is used."""
    sections.remark(run.present.design.serving != "online", STORE)


page = first_screen.draw(BY_SLUG["people_you_may_know"], neighbourhood.one_request)
tabs.show(
    page,
    {
        "Examples": (
            parts.told(
                "One person's neighbourhood",
                "Who is suggested, and which mutual friends stand behind each.",
                neighbourhood.section,
            ),
        ),
        "Metrics": (parts.all_metrics, table, parts.history, parts.seven_steps),
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
