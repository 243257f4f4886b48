"""What harmful content detection teaches: each sentence a reader is told, with the runs that say whether it holds."""

from core.cases.harmful_content.checks import verdicts, actions, learning  # noqa: I001  # the order of the page
from core.cases.harmful_content.checks.common import check

__all__ = ["CHECKS", "actions", "learning", "verdicts"]

CHECKS = check.all
