"""Work that lacks what is committed already is done once more; work that lacks what is nowhere is refused.

Source: docs/spec/quotes.md#simulate-a-quote.
"""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Invalid
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.rulebook.feature_flags.operations.create_flag import create_flag
from quote_service.rulebook.snapshot.operations.catch_up import retry_after_refresh
from quote_service.rulebook.snapshot.operations.refresh_rulebook import refresh_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder


class Looking:
    """Looks for a flag in what a worker holds, and notes how often."""

    def __init__(self, holder: RulebookHolder, key: str) -> None:
        self.holder, self.key = holder, key
        self.times = 0
        self.was_refused = asyncio.Event()

    async def look(self) -> str:
        self.times += 1
        held = self.holder.rulebook
        assert held is not None
        if all(flag.draft.key != self.key for flag in held.flags.values()):
            self.was_refused.set()
            raise Invalid.at(f"/flag_overrides/{self.key}", "there is no such flag")
        return self.key


async def a_holder(database: Database) -> RulebookHolder:
    holder = RulebookHolder()
    await refresh_rulebook(database, holder)
    return holder


async def test_what_was_committed_before_is_waited_for(database: Database) -> None:
    holder = await a_holder(database)
    looking = Looking(holder, f"flag-{uuid4()}")
    async with database.transaction() as connection:
        draft = FlagDraft(key=looking.key, type="BOOLEAN", value=True)
        await create_flag(Change.within(connection, change_by_system("test", now_us())), draft)
    found = asyncio.create_task(retry_after_refresh(database, holder, looking.look, ("/flag_overrides",)))
    await looking.was_refused.wait()
    await refresh_rulebook(database, holder)
    assert (await found, looking.times) == (looking.key, 2)


@pytest.mark.parametrize("members", [("/flag_overrides",), ("/items",)])
async def test_what_is_nowhere_is_refused_without_another_try(database: Database, members: tuple[str, ...]) -> None:
    holder = await a_holder(database)
    looking = Looking(holder, f"flag-{uuid4()}")
    with pytest.raises(Invalid):
        await retry_after_refresh(database, holder, looking.look, members)
    assert looking.times == 1
