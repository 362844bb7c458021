"""What settings say of deciding on prices.

Source: docs/spec/price-decisions.md#runs.
"""

from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.platform.settings import Settings


def terms_of(settings: Settings) -> DecisionTerms:
    """The terms that settings give."""
    return DecisionTerms(
        horizon_days=settings.price_horizon_days,
        model_max_days=settings.price_model_max_days,
        keep_days=settings.price_decision_keep_days,
        interval_seconds=settings.price_decision_seconds,
    )
