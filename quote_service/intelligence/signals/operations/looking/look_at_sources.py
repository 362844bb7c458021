"""Look at sources of competitors' prices: those that have fallen silent, and those that are heard again.

Source: docs/spec/signals.md#kinds.
"""

from uuid import UUID

from quote_service.intelligence.signals.model.detection.levels import LevelState, look_at_source
from quote_service.intelligence.signals.model.signals import Evidence
from quote_service.intelligence.signals.operations.looking.record_found import Finding, record_found
from quote_service.intelligence.signals.operations.looking.rules import Rules
from quote_service.intelligence.signals.tables.notes import (
    SilentSource,
    begin_looking,
    read_states,
    silent_sources,
    sources_heard_again,
    write_states,
)
from quote_service.intelligence.signals.tables.raised import Matter
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.traces import traced_work

SOURCES_AT_ONCE = 500


@traced_work("look for signals in sources")
async def look_at_sources(database: Database) -> int:
    """Raise and resolve; how many sources there were, SOURCES_AT_ONCE if there may be more.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    at_us = now_us()
    async with database.transaction() as connection:
        if not await begin_looking(connection):
            return 0
        rules = await Rules.read(connection, ())
        rule = rules.of("source_stale", None)
        silent = {str(each.id): each for each in await silent_sources(connection, at_us, SOURCES_AT_ONCE)}
        if not rule.is_enabled:
            silent = {}
        heard = await sources_heard_again(connection, SOURCES_AT_ONCE)
        known = await read_states(connection, "source", [*silent, *heard], LevelState)
        findings: list[Finding] = []
        after: dict[str, LevelState | None] = {}
        for subject in [*silent, *heard]:
            source = silent.get(subject)
            state, found = look_at_source(known.get(subject, LevelState()), at_us, rule, is_stale=source is not None)
            after[subject] = None if state.until_us is None else state
            if found is not None:
                findings.append(Finding(found, _matter(subject, source), rule, _evidence(source)))
        await write_states(connection, "source", after, from_micros(at_us))
        await record_found(connection, findings, at_us)
    return max(len(silent), len(heard))


def _matter(subject: str, source: SilentSource | None) -> Matter:
    return Matter(
        subject=f"source:{subject}",
        source_id=UUID(subject),
        competitor_id=None if source is None else source.competitor_id,
        product_id=None if source is None else source.product_id,
    )


def _evidence(source: SilentSource | None) -> list[Evidence]:
    if source is None:
        return []
    return [
        Evidence(
            role="now",
            subject="source",
            id=str(source.id),
            competitor_id=source.competitor_id,
            at=source.last_ok_at,
            detail=source.last_outcome or "never",
        )
    ]
