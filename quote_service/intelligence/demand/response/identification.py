"""Whether a product's own sales say enough about its price to change it without asking anybody.

Source: docs/spec/demand.md#identified.
"""

from quote_service.intelligence.demand.model import Doubt, OwnEstimate

ENOUGH_ROWS = 30
ENOUGH_PRICES = 4
ENOUGH_VARIATION = 0.02
# Of the log price, beside everything else that moves with it.
ENOUGH_WITHIN = 0.01
# The interval of nine chances in ten may not be wider.
WIDEST_INTERVAL = 2.5
# So many standard errors above zero are more than chance.
_SURELY = 2.0


def doubts_about(estimate: OwnEstimate, interval: float) -> tuple[Doubt, ...]:
    """Everything that speaks against an automatic change, given the width of the interval after pooling."""
    seen = estimate.variation
    doubts: list[Doubt] = []
    if seen.rows < ENOUGH_ROWS:
        doubts.append("too_few_rows")
    if seen.distinct_prices < ENOUGH_PRICES:
        doubts.append("too_few_prices")
    if seen.coefficient_of_variation < ENOUGH_VARIATION or seen.within < ENOUGH_WITHIN:
        doubts.append("too_little_variation")
    if estimate.elasticity is None or estimate.standard_error is None or interval > WIDEST_INTERVAL:
        doubts.append("too_uncertain")
    elif estimate.elasticity > _SURELY * estimate.standard_error:
        doubts.append("wrong_sign")
    return tuple(doubts)
