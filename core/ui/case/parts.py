"""All parts of a case page under one import; a page puts them into its tabs in its own order."""

from core.ui.case.ablation import section as ablation
from core.ui.case.all_designs import section as all_designs
from core.ui.case.batch_vs_online import section as batch_vs_online
from core.ui.case.bill import section as bill
from core.ui.case.comparison_bar import history
from core.ui.case.crossover import section as crossover
from core.ui.case.extrapolation import section as extrapolation
from core.ui.case.load_curve import section as load_curve
from core.ui.case.sections import all_metrics, drawing, seven_steps, strip
from core.ui.case.sensitivity import section as sensitivity
from core.ui.case.slo import section as slo
from core.ui.case.tabs import told

__all__ = [
    "ablation",
    "all_designs",
    "all_metrics",
    "batch_vs_online",
    "bill",
    "crossover",
    "drawing",
    "extrapolation",
    "history",
]
__all__ += ["load_curve", "sensitivity", "seven_steps", "slo", "strip", "told"]
