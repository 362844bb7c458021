"""One price decision, or what would be decided, explained: bounds, outcomes, elasticity, and what else it went by.

Source: docs/spec/web.md#price-decisions.
"""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from quote_service.web.model.decisions.grounds import METHODS, behaviour_sentence, standing_of_opinion
from quote_service.web.model.decisions.proposed_test import test_fields
from quote_service.web.model.decisions.sentences import DOUBTS, HELD, LABELS, MODES, RULES, elasticity_sentence
from quote_service.web.rendering.decisions.bounds_chart import bounds_chart
from quote_service.web.rendering.decisions.elasticity_bar import elasticity_bar
from quote_service.web.rendering.decisions.outcomes_chart import outcomes_chart
from quote_service.web.routes.decisions.grounds import grounds_of
from quote_service.web.routes.own_api import OwnApi


async def explained(api: OwnApi, told: Mapping[str, Any]) -> dict[str, Any]:
    """What `decisions/explained.html` shows of a decision, or of the answer to a what-if."""
    known = told["elasticity"]
    marks = {"now": told["current_price"], "proposed": told.get("proposed_price"), "decided": told["price"]}
    binding = [told.get("lower_bound_by"), told.get("upper_bound_by"), told.get("clamped_by")]
    return {
        # The answer to a what-if has fewer members than a decision.
        "told": {"clamped_by": None, "proposed_test": None, **told},
        "bounds": bounds_chart(told["bounds"], marks, binding),
        "outcomes": outcomes_chart(told["candidates"], LABELS),
        "elasticity": None if known is None else elasticity_bar(known["mean"], known["low"], known["high"]),
        "answer": "" if known is None else elasticity_sentence(known),
        "rules": RULES,
        "held": HELD,
        "doubts": DOUBTS,
        "labels": LABELS,
        "modes": MODES,
        "methods": METHODS,
        "standing_of_opinion": standing_of_opinion,
        "behaviour": behaviour_sentence(told),
        "test_fields": test_fields(told.get("proposed_test")),
        "test_key": token_urlsafe(16),
        **await grounds_of(api, told),
    }
