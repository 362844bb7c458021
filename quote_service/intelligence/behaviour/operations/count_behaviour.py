"""Add what was published on the bus to the sums by product and quarter of an hour.

Source: docs/spec/behaviour.md#counting.
"""

from collections.abc import Sequence

import msgspec

from quote_service.intelligence.behaviour.model.counts import CountedMinute, count_quarters
from quote_service.intelligence.behaviour.tables.behaviour import add_quarters
from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.event_bus.operations.handle_batch import Group
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings

GROUP = "behaviour"
_decoder = msgspec.json.Decoder(CountedMinute)


async def count_behaviour(connection: Connection, events: Sequence[Event]) -> None:
    """Add events that were not counted before, within the transaction that notes them.

    Raises:
        msgspec.DecodeError: The data of one is not that of `behaviour.counted`.
    """
    await add_quarters(connection, count_quarters(_decoder.decode(event.data) for event in events))


def behaviour_group(settings: Settings) -> Group:
    """The group that counts."""
    return Group(GROUP, "user-behavior", count_behaviour, settings.event_attempts, settings.event_keep_days)
