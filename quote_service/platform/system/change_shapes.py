"""The shape of every flow that changes what admins own.

::

    async def create_rate(connection: Connection, change: Change, draft: RateDraft) -> StoredRate: ...

It runs inside a transaction that its caller has opened (`api/idempotency.creating` for a creating POST,
`database.transaction()` otherwise) and neither commits nor rolls back: so the change, its audit row and the record of
the first answer under an Idempotency-Key become visible together or not at all. A flow that changes an existing object
locks its row, holds the caller's `Precondition` against the version it finds, writes, and calls `record_change`.
"""

from quote_service.platform.system.changes import ActorKind, Change, change_by_system

__all__ = ["ActorKind", "Change", "change_by_system"]
