"""Why a price decision cannot be made, accepted or applied now.

Source: docs/spec/price-decisions.md#people-decide.
"""

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.errors import Conflict


class DecisionStateForbids(Conflict):
    code = "decision-state"
    title = "Decision state does not allow this"


class PriceMovedSince(Conflict):
    code = "price-moved"
    title = "The price has moved since"


class PriceOutsideBounds(Conflict):
    """`rule` is what it is past; `nearest_price` is the nearest price that may be set, null where there is none."""

    code = "price-outside-bounds"
    title = "The price is outside its bounds"
    rule: str
    nearest_price: ExactNumber | None
