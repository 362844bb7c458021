"""What is wrong with a well-formed price that a person decides on, or asks about.

Source: docs/spec/price-decisions.md#people-decide.
"""

from quote_service.intelligence.price_decisions.model.decisions import ManualDraft, WhatIfDraft
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.quantities import FACTOR_PLACES, quantity_faults
from quote_service.platform.system.errors import Fault


def draft_faults(draft: ManualDraft | WhatIfDraft) -> tuple[Fault, ...]:
    """Every fault."""
    faults = list(quantity_faults(draft, "", FACTOR_PLACES))
    if draft.currency not in EXPONENTS:
        faults.append(Fault("/currency", "is not an ISO 4217 currency code"))
    if draft.price is not None and not draft.price:
        faults.append(Fault("/price", "must be more than 0"))
    return tuple(faults)
