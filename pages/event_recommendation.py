"""Event recommendation: the order of the page and its words."""

from core.catalog import BY_SLUG
from core.ui.case import first_screen, parts, sections, tabs
from core.ui.panels import contexts, evening_map

ABOUT = (
    "The cities are real, and so is who knows whom. Hosts, events, tastes and registrations are simulated, because "
    "nobody publishes who attends what: 1,000 people, some 2,700 events in seven weeks, 100,000 rows of what an old "
    "feed showed and 8,000 registrations. On a Thursday at six everybody asks what to do; about 500 events are open. "
    "Every event is new, soon over, and full at some point."
)
LOGGED = (
    "Judged on visits of the log, where the old feed had shown eight events: only their order counts, so "
    "figures are far higher than over all events of the evening."
)


def logged(run):
    """What the evaluation protocol of the log does to the figures."""
    sections.remark(run.present.design.judged != "evening", LOGGED)


page = first_screen.draw(BY_SLUG["event_recommendation"], evening_map.one_request)
tabs.show(
    page,
    {
        "Examples": (
            parts.told(
                "One person's evening",
                "The simulator knows what each person would go to, so a miss can be told from a lack of interest.",
                evening_map.section,
            ),
            parts.told(
                "Predicted against observed registration rate",
                "Candidates in ten equal groups by predicted probability. With one negative per positive and no "
                "calibration the order stays, the probabilities do not.",
                contexts.chances,
            ),
        ),
        "Metrics": (parts.all_metrics, logged, parts.history, parts.seven_steps),
        "Designs": (parts.all_designs,),
        "SLO & cost": (parts.slo, parts.bill),
        "Quality loss": (
            parts.ablation,
            parts.sensitivity,
            parts.told(
                "Feature groups",
                "Leave one group of features out, or keep one only, and train again.",
                contexts.ablation,
            ),
        ),
        "Scale": (parts.extrapolation, parts.crossover, parts.batch_vs_online),
        "Load & failure": (parts.load_curve,),
        "Pipeline": (
            parts.strip,
            parts.told(
                "Tuning of each ranker",
                "Trials ran in two other worlds (seeds 100 and 101) and went by mAP; the figures here played no part.",
                contexts.tuning,
            ),
        ),
        "Architecture": (parts.drawing,),
    },
    ABOUT,
)
