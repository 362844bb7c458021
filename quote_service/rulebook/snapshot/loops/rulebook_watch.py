"""Keep the held rulebook, with its catalog and customers, as it is committed, for as long as the process runs.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/spec/feature-flags.md#evaluation; docs/decisions/followed-catalog.md.
"""

import asyncio
from contextlib import aclosing

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.errors import Unavailable
from quote_service.rulebook.snapshot.operations.refresh_rulebook import is_current, refresh_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.snapshot.tables.rulebook_listener import RulebookListener

_log = structlog.get_logger(__name__)


async def watch_rulebook(
    database: Database,
    listener: RulebookListener,
    holder: RulebookHolder,
    *,
    flags_again_seconds: float,
) -> None:
    """Refresh whenever something is committed that is not held; never returns.

    PostgreSQL may go and come back: what is held stays, and the listener names the version again once it is there.

    Raises:
        RowUnreadable, msgspec.ValidationError: A stored row cannot be understood. The supervisor starts the watch
            again, so that the rest is taken as soon as the row is switched off; until then what is held stays.
    """
    clock = asyncio.get_running_loop().time
    flags_due = clock() + flags_again_seconds
    is_away = False
    async with aclosing(listener.committed()) as every:
        async for heard in every:
            end_if_cancelled()
            if isinstance(heard, Unavailable):
                if not is_away:
                    _log.warning("rulebook_not_heard", held_version=holder.version, reason=heard.detail)
                is_away = True
                continue
            is_away = False
            all_flags = clock() >= flags_due
            try:
                is_held = heard.version == holder.version and not all_flags
                if is_held and await is_current(database, holder, heard.moment):
                    holder.confirm()
                    holder.reached_us = heard.at_us
                    continue
                listener.note_change()
                held = await refresh_rulebook(database, holder, all_flags=all_flags)
            except Unavailable as failure:
                _log.warning("rulebook_not_refreshed", held_version=holder.version, reason=failure.detail)
                continue
            holder.reached_us = heard.at_us
            if all_flags:
                flags_due = clock() + flags_again_seconds
            if not is_held:
                _log.info("rulebook_refreshed", version=held)
