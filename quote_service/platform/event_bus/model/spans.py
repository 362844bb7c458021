"""What spans say of messages of the bus.

Source: docs/spec/operations.md#traces; OpenTelemetry semantic conventions for messaging.
"""

from collections.abc import Collection

from quote_service.platform.event_bus.model.bus import BusSystem
from quote_service.platform.event_bus.model.events import Topic


def messaging(
    system: BusSystem, operation: str, topics: Collection[Topic], messages: int, group: str = ""
) -> dict[str, str | int | float | bool]:
    """The attributes of a span: what is done with how many messages, of one topic if it is one, by which group."""
    reported: dict[str, str | int | float | bool] = {"messaging.system": system, "messaging.operation.name": operation}
    if operation in ("send", "process"):
        reported |= {"messaging.operation.type": operation, "messaging.batch.message_count": messages}
    if len(topics) == 1:
        reported["messaging.destination.name"] = next(iter(topics))
    if group:
        reported["messaging.consumer.group.name"] = group
    return reported
