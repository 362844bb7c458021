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


async def explained(api: OwnApi, reported: Mapping[str, Any]) -> dict[str, Any]:
    """What `decisions/explained.html` shows of a decision, or of the answer to a what-if."""
    known = reported["elasticity"]
    marks = {"now": reported["current_price"], "proposed": reported.get("proposed_price"), "decided": reported["price"]}
    binding = [reported.get("lower_bound_by"), reported.get("upper_bound_by"), reported.get("clamped_by")]
    return {
        # The answer to a what-if has fewer members than a decision.
        "explained": {"clamped_by": None, "proposed_test": None, **reported},
        "bounds": bounds_chart(reported["bounds"], marks, binding),
        "outcomes": outcomes_chart(reported["candidates"], LABELS),
        "elasticity": None if known is None else elasticity_bar(known["mean"], known["low"], known["high"]),
        "answer": "" if known is None else elasticity_sentence(known),
        "rules": RULES,
        "held": HELD,
        "doubts": DOUBTS,
        "labels": LABELS,
        "modes": MODES,
        "methods": METHODS,
        "standing_of_opinion": standing_of_opinion,
        "behaviour": behaviour_sentence(reported),
        "test_fields": test_fields(reported.get("proposed_test")),
        "test_key": token_urlsafe(16),
        **await grounds_of(api, reported),
    }
