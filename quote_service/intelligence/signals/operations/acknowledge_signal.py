"""Somebody has seen a signal, and may say of an odd price whether it is right.

Source: docs/spec/signals.md#acknowledgement.
"""

from uuid import UUID

from quote_service.intelligence.signals.model.signals import Acknowledgement, SignalAcknowledged, SignalDetail
from quote_service.intelligence.signals.tables.signals import hold_signal, read_signal, write_acknowledgement
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid


async def acknowledge_signal(change: Change, signal_id: UUID, given: Acknowledgement) -> SignalDetail:
    """Note who has seen it; the same from the same caller again changes nothing.

    Args:
        change: Its author.
        signal_id: Of the signal, whatever its status.
        given: What is noted, and the verdict.

    Raises:
        NotFound: There is none.
        Invalid: A verdict is given of what is no anomaly.
        SignalAcknowledged: Somebody else was first, or the note or verdict was another.
    """
    held = await hold_signal(change.connection, signal_id)
    if held.kind != "price_anomaly" and given.verdict is not None:
        raise Invalid.at("/verdict", "belongs to a `price_anomaly`")
    if held.acknowledged_at is not None:
        if (held.acknowledged_by, held.note, held.verdict) == (change.actor, given.note, given.verdict):
            return held
        raise SignalAcknowledged(
            "The signal has been acknowledged",
            acknowledged_by=held.acknowledged_by or "",
            acknowledged_at=held.acknowledged_at,
        )
    await write_acknowledgement(change.connection, signal_id, given, change.actor, change.at)
    written = await read_signal(change.connection, signal_id)
    await change.record("signal.acknowledge", held, written)
    return written
