"""Take what is reported: checked, added up by product and minute, and told on the bus.

What arrives is added up here, in memory, before anything is written: no row, message or log ever reports one shopper.

Source: docs/spec/behaviour.md#events; docs/spec/behaviour.md#counting.
"""

from collections.abc import Sequence

from quote_service.intelligence.behaviour.model.counts import count_minutes
from quote_service.intelligence.behaviour.model.reported import BehaviourReceipt, EventFault, RefusedEvent, event_faults
from quote_service.intelligence.behaviour.tables.behaviour import known_products
from quote_service.platform.documents.documents import Row, write_document
from quote_service.platform.event_bus.operations.publish_to_bus import publish_many_to_bus
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Fault


async def report_behaviour(change: Change, rows: Sequence[Row], *, by_shopper: bool) -> BehaviourReceipt:
    """Take what can be taken of a report.

    Args:
        change: When it is reported; who does is not kept.
        rows: What was read of each event, or what is wrong with it.
        by_shopper: Whether a shopper reports it.
    """
    at = change.at
    known = await known_products(change.connection, {row.value.product_id for row in rows if not row.faults})
    refused: list[RefusedEvent] = []
    taken = []
    for row in rows:
        faults: tuple[Fault, ...] = row.faults
        if not faults:
            is_product = row.value.product_id in known
            pointer = f"/events/{row.position}"
            faults = tuple(event_faults(row.value, pointer, at, is_product=is_product, by_shopper=by_shopper))
        if faults:
            refused.append(RefusedEvent(row.position, [EventFault(each.pointer, each.detail) for each in faults]))
        else:
            taken.append((row.value, row.value.at or at))
    minutes = count_minutes(taken)
    reported = [(str(minute.product_id), write_document(minute)) for minute in minutes]
    await publish_many_to_bus(change.connection, "user-behavior", "behaviour.counted", reported)
    return BehaviourReceipt(len(taken), refused)
