"""Visual search: the order of the page and its words."""

from core.catalog import BY_SLUG
from core.ui.case import first_screen, parts, tabs
from core.ui.panels import answers, inserting

ABOUT = (
    "Every request searches a catalogue of 2,000 to 20,000 images; 1,000 requests are answered and timed on this "
    "machine. Only the stages that a knob touches are recomputed."
)

page = first_screen.draw(BY_SLUG["visual_search"], answers.one_request)
tabs.show(
    page,
    {
        "Examples": (
            parts.told(
                "Example results",
                "Six queries, the exact neighbours by the encoder's full vectors, and what this design returned.",
                answers.section,
            ),
        ),
        "Metrics": (parts.all_metrics, parts.history, parts.seven_steps),
        "Designs": (parts.all_designs,),
        "SLO & cost": (parts.slo, parts.bill),
        "Quality loss": (parts.ablation, parts.sensitivity),
        "Scale": (parts.extrapolation, parts.crossover, parts.batch_vs_online),
        "Load & failure": (parts.load_curve, inserting.section),
        "Pipeline": (parts.strip,),
        "Architecture": (parts.drawing,),
    },
    ABOUT,
)
