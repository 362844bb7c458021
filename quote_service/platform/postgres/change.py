"""A change that is being made: all that an operation needs to make it, to put it on record and to publish it.

::

    async def create_rate(change: Change, draft: RateDraft) -> RateRecord: ...

An operation runs inside the transaction of its change, which whoever calls it has opened, and neither commits nor rolls back: so
the effect, its audit row, its events and the answer kept under an Idempotency-Key become visible together or not at all. One that
changes what is there locks the row, holds the caller's `Precondition` against the version it finds, writes, and records.

Source: docs/spec/access.md#audit-log; docs/spec/webhooks.md#events.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from quote_service.platform.documents.documents import document_text, write_document
from quote_service.platform.postgres.audit_log import RowOfMany, insert_row, insert_rows
from quote_service.platform.postgres.outbox import publish, publish_many
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Author
from quote_service.platform.system.event_types import EVENTS_OF_ACTIONS, EventType

#: An action, and the object before and after it.
Recorded = tuple[str, Any, Any]


class Change(Author, frozen=True, kw_only=True):
    """The author of a change, and the `connection` in whose transaction it is made."""

    connection: Connection

    @classmethod
    def within(cls, connection: Connection, author: Author) -> "Change":
        """The change that an author makes in the transaction of this connection."""
        return cls(
            connection=connection,
            actor=author.actor,
            actor_kind=author.actor_kind,
            request_id=author.request_id,
            at_us=author.at_us,
            change_set_id=author.change_set_id,
            traceparent=author.traceparent,
        )

    async def record(
        self,
        action: str,
        before: Any = None,
        after: Any = None,
        *,
        kind: str | None = None,
        object_id: object = None,
        event: EventType | None = None,
    ) -> None:
        """Write the audit row of what was done, and publish the event of it.

        Args:
            action: As `<object kind>.<verb>`, such as `rate.create`.
            before: The object before; None where there was none.
            after: The object after; None where nothing is left.
            kind: What kind of object it is, where the action does not begin with it.
            object_id: Its id, where it is not the object's `id`.
            event: What is published, with `after` as its data; by default the event of the action, if it has one.
        """
        _, subject, was, became = _row(action, before, after, object_id)
        await insert_row(self.connection, self, action, kind or _kind_of(action), subject, was, became)
        event = event or EVENTS_OF_ACTIONS.get(action)
        if event is not None and became is not None:
            await publish(self.connection, event, subject, became.encode())

    async def record_many(self, changed: Sequence[Recorded], *, kind: str | None = None) -> None:
        """As `record`, for many objects of one kind in a few statements; they are written as JSON in a thread."""
        if not changed:
            return
        rows = await asyncio.to_thread(lambda: [_row(*each) for each in changed])
        await insert_rows(self.connection, self, kind or _kind_of(changed[0][0]), rows)
        for action in sorted({row[0] for row in rows} & EVENTS_OF_ACTIONS.keys()):
            became = ((subject, after, None) for made, subject, _, after in rows if made == action and after)
            await publish_many(self.connection, EVENTS_OF_ACTIONS[action], became)

    async def publish(self, event: EventType, subject: object, data: Any, *, customer_id: UUID | None = None) -> None:
        """Publish what has no audit row; as `outbox.publish`."""
        await publish(self.connection, event, str(subject), write_document(data), customer_id=customer_id)

    async def publish_many(self, event: EventType, objects: Iterable[Any]) -> None:
        """As `publish`, for many objects that have an `id`; they are written as JSON only where somebody wants them."""
        await publish_many(self.connection, event, ((str(each.id), document_text(each), None) for each in objects))


def _kind_of(action: str) -> str:
    return action.partition(".")[0]


def _row(action: str, before: Any, after: Any, object_id: object = None) -> RowOfMany:
    return (
        action,
        str((before if after is None else after).id if object_id is None else object_id),
        None if before is None else document_text(before),
        None if after is None else document_text(after),
    )
