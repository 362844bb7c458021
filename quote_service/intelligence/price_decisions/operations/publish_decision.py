"""Tell of a decision: in the audit log where a person or a price is concerned, to webhooks, and on the bus.

Source: docs/spec/price-decisions.md#events.
"""

from typing import Annotated, Final
from uuid import UUID

import msgspec

from quote_service.intelligence.price_decisions.model.decisions import DecisionDetail, DecisionState
from quote_service.intelligence.price_decisions.tables.decisions import read_decision
from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.event_bus.operations.publish_to_bus import publish_to_bus
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.event_types import EventType

_EVENTS: Final[dict[DecisionState, EventType]] = {
    "held": "decision.held",
    "suggested": "decision.suggested",
    "applied": "decision.applied",
    "rejected": "decision.rejected",
    "rolled_back": "decision.rolled_back",
}
_ACTIONS: Final[dict[DecisionState, str]] = {
    "applied": "price_decision.apply",
    "rejected": "price_decision.reject",
    "rolled_back": "price_decision.roll_back",
}


class _OnTheBus(msgspec.Struct, frozen=True):
    """What consumers of the bus need of a decision, and nobody's id."""

    decision_id: UUID
    product_id: UUID
    currency: str
    mode: str
    origin: str
    state: Annotated[DecisionState, Renamed("status")]
    current_price: ExactNumber | None
    price: ExactNumber | None
    held_by: list[str]
    model_id: UUID | None


async def publish_decision(change: Change, decision_id: UUID, before: DecisionDetail | None = None) -> DecisionDetail:
    """Tell of what has just become of a decision, in the transaction in which it did.

    Args:
        change: Who did it.
        decision_id: Which decision.
        before: As it was; None for a new one.
    """
    after = await read_decision(change.connection, decision_id)
    action, event = _ACTIONS.get(after.state), _EVENTS.get(after.state)
    if action is not None:
        await change.record(action, before, after, event=event)
    elif event is not None:
        await change.publish(event, decision_id, after)
    if event is not None:
        await publish_to_bus(
            change.connection, "decisions", str(after.product_id), event, write_document(_for_the_bus(after))
        )
    return after


def _for_the_bus(decision: DecisionDetail) -> _OnTheBus:
    return _OnTheBus(
        decision_id=decision.id, **{name: getattr(decision, name) for name in _OnTheBus.__struct_fields__[1:]}
    )
