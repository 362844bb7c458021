"""Write what was found: signals raised, repeated, going on or over, and the events that report it.

Source: docs/spec/signals.md#signals; docs/spec/signals.md#notifications.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.intelligence.signals.model.detection.found import Found
from quote_service.intelligence.signals.model.signals import Evidence
from quote_service.intelligence.signals.model.thresholds import Rule
from quote_service.intelligence.signals.tables.raised import (
    Matter,
    continue_signal,
    raise_signal,
    resolve_signal,
    signals_by_id,
)
from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.outbox import publish_many
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.event_types import EventType
from quote_service.platform.system.instants import from_micros


class Finding(NamedTuple):
    """What was found, of what, by which rule, and by what."""

    found: Found
    matter: Matter
    rule: Rule
    evidence: list[Evidence]


async def record_found(connection: Connection, findings: Sequence[Finding], at_us: int) -> int:
    """Write findings in their order, within the transaction that took in what they go by; how many signals are new."""
    raised: list[UUID] = []
    resolved: list[UUID] = []
    at = from_micros(at_us)
    for found, matter, rule, evidence in findings:
        if found.action == "resolve":
            over_at = from_micros(min(found.at_us, at_us))
            resolved += await resolve_signal(connection, found.kind, matter.subject, over_at, at)
            continue
        if found.action == "continue" and await continue_signal(connection, found, matter, rule, evidence, at):
            continue
        # What goes on without a signal began too long ago to raise one when it was heard of.
        signal_id = await raise_signal(connection, found, matter, rule, evidence, at)
        if signal_id is not None:
            raised.append(signal_id)
    await publish_signals(connection, "signal.raised", raised)
    await publish_signals(connection, "signal.resolved", resolved)
    return len(raised)


async def publish_signals(connection: Connection, event: EventType, ids: Sequence[UUID]) -> None:
    """Notify webhooks of signals as they are now."""
    if not ids:
        return
    signals = await signals_by_id(connection, ids)
    await publish_many(connection, event, ((str(each.id), write_document(each).decode(), None) for each in signals))
