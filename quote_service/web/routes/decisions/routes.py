"""Every page of price decisions that is more than a list, an object or a form.

Source: docs/spec/web.md#price-decisions.
"""

from quote_service.web.routes.decisions.asking import roll_back, show_roll_back, show_runs, show_what_if
from quote_service.web.routes.decisions.performance import show_performance

DECISION_PAGES = (show_what_if, show_roll_back, roll_back, show_runs, show_performance)
