"""All sections of a case page under one import; a page draws them in its own order."""

from core.ui.case.ablation import section as ablation
from core.ui.case.batch_vs_online import section as batch_vs_online
from core.ui.case.bill import section as bill
from core.ui.case.comparison_bar import section as comparison_bar
from core.ui.case.crossover import section as crossover
from core.ui.case.export import section as export
from core.ui.case.extrapolation import section as extrapolation
from core.ui.case.load_curve import section as load_curve
from core.ui.case.prediction import section as prediction
from core.ui.case.sections import drawing, headline, last_move, seven_steps, strip
from core.ui.case.sensitivity import section as sensitivity
from core.ui.case.slo import section as slo
from core.ui.case.tradeoff import section as tradeoff
from core.ui.interview.mock_interview_bar import follow as mock_interview

__all__ = ["ablation", "batch_vs_online", "bill", "comparison_bar", "crossover", "drawing", "export", "extrapolation"]
__all__ += ["headline", "last_move", "load_curve", "mock_interview", "prediction", "sensitivity", "seven_steps"]
__all__ += ["slo", "strip", "tradeoff"]
