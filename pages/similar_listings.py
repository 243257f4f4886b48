"""Similar listings: the order of the page and its words."""

from core.catalog import BY_SLUG
from core.ui.case import first_screen, parts, tabs
from core.ui.panels import filtered_search, listings_map

ABOUT = (
    "The listings are real: 2,203 rentals in Berlin or 21,436 houses in King County. The guests are simulated, because "
    "nobody publishes what guests click: they have a taste, look at listings that fit it, and some of them book. The "
    "models learn from 60 days of such visits, 24 clicks per listing in Berlin and three in King County; 1,000 guests "
    "are served. As we know what each of them would have liked best, the regret says how much of what an oracle would "
    "have shown is lost."
)

page = first_screen.draw(BY_SLUG["similar_listings"], listings_map.one_request)
tabs.show(
    page,
    {
        "Examples": (
            parts.told(
                "What the guest is shown",
                "The twelve listings are free on the dates asked for and in the same market. Two guests are on a "
                "listing of the last 30 days, and two will book one.",
                listings_map.section,
            ),
        ),
        "Metrics": (parts.all_metrics, parts.history, parts.seven_steps),
        "Designs": (parts.all_designs,),
        "SLO & cost": (parts.slo, parts.bill),
        "Quality loss": (parts.ablation, parts.sensitivity),
        "Scale": (parts.extrapolation, parts.crossover, filtered_search.section, parts.batch_vs_online),
        "Load & failure": (parts.load_curve,),
        "Pipeline": (parts.strip,),
        "Architecture": (parts.drawing,),
    },
    ABOUT,
)
