"""The consumer groups of this service, by topic; each further one is named here.

Source: docs/spec/event-bus.md#consumers.
"""

from typing import Final

from quote_service.event_bus.words.events import Topic

#: Group, and the topic that it reads.
GROUPS: Final[dict[str, Topic]] = {"behaviour": "user-behavior"}
#: Of dead letters that the relay could not publish.
RELAY: Final = "relay"
