"""Whose turn it is, and how soon: hosts and operations of APIs as lanes with a pace, whichever process fetches.

Source: docs/spec/competitors.md#politeness.
"""

from typing import Literal, NamedTuple
from uuid import UUID

from quote_service.intelligence.competitors.model.sources import ApiSettings, FeedSettings, PageSettings, SourceKind
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "lanes")

Verdict = Literal["rules", "allow", "deny"]


class DueSource(NamedTuple):
    """A source whose turn it is, with its lane held for it."""

    id: UUID
    competitor_id: UUID
    kind: SourceKind
    page: PageSettings | None
    feed: FeedSettings | None
    api: ApiSettings | None
    currency: str | None
    interval_seconds: int
    failures: int
    etag: str | None
    last_modified: str | None
    version: int
    credentials: bytes | None
    credentials_key_id: str | None
    lane: str
    refusals: int
    country: str | None
    next_batch: int
    claim: UUID


class Robots(NamedTuple):
    """What is known of a site's robots.txt."""

    verdict: Verdict
    rules: str
    detail: str


@STATEMENTS.query()
async def ensure_lane(connection: Connection, lane: str) -> None:
    """Make a lane, unless there is one."""


async def claim_due(
    connection: Connection, claim: UUID, *, lanes: int, seconds: float, pace_seconds: float, burst: int
) -> list[DueSource]:
    """One due source of each of up to so many free lanes; each lane is held by `claim` for so long."""
    rows = await connection.fetch(STATEMENTS["claim_due"], lanes, seconds, pace_seconds, burst, claim)
    found = []
    for row in rows:
        values = {name: value for name, value in row.items() if name != "settings"}
        settings, kind = parse_exact(row["settings"]), row["kind"]
        found.append(
            DueSource(
                **values,
                page=convert_exact(settings, PageSettings) if kind == "page" else None,
                feed=convert_exact(settings, FeedSettings) if kind == "feed" else None,
                api=convert_exact(settings, ApiSettings) if kind == "api" else None,
                claim=claim,
            )
        )
    return found


@STATEMENTS.query()
async def keep_claim(connection: Connection, due: DueSource, seconds: float, batch: int) -> bool:
    """Hold a lane for longer, while a batch of a source is asked for; False where it is not held any more."""


@STATEMENTS.query()
async def holds_settings(connection: Connection, due: DueSource) -> bool:
    """Whether the source is as it was when its turn came; it stays so until the transaction ends."""


@STATEMENTS.query()
async def note_request(connection: Connection, lane: str, pace_seconds: float) -> None:
    """Count a request that is about to be sent: the next even one is so much later."""


@STATEMENTS.query()
async def release_lane(connection: Connection, due: DueSource, pause_seconds: float, *, is_refused: bool) -> None:
    """Let a lane go, not to be used for so long."""


@STATEMENTS.query()
async def read_robots_of(connection: Connection, origin: str) -> Robots | None:
    """What is known of a site's robots.txt, while it is recent enough."""


@STATEMENTS.query()
async def write_robots(connection: Connection, origin: str, robots: Robots, keep_seconds: float) -> None:
    """Keep what a site's robots.txt says for so long."""


async def forget_lanes(connection: Connection) -> None:
    """Drop lanes that no source uses, and old rules of sites."""
    await connection.execute(STATEMENTS["forget_lanes"])
    await connection.execute(STATEMENTS["forget_robots"])
