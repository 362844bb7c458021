"""Whose word still counts: people who may do now what they did then.

Source: docs/spec/access.md#people.
"""

from collections.abc import Collection

from quote_service.identity.tables.users import active_with_roles
from quote_service.platform.callers.access import Access
from quote_service.platform.postgres.pool import Connection


async def who_still_may(connection: Connection, user_ids: Collection[str], access: Access) -> set[str]:
    """Those of some people who are active and have a role that is let in."""
    return await active_with_roles(connection, user_ids, access.roles) if user_ids else set()
