"""Ask an API for its products: as many requests as it takes, each at the pace of its operation.

Source: docs/spec/competitors.md#apis.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

import msgspec

from quote_service.intelligence.competitors.model.batches import has_to_stop
from quote_service.intelligence.competitors.model.lanes import pace_of
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.reading.read_feed import ItemsJob
from quote_service.intelligence.competitors.model.sources import ApiSettings
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsLost, CredentialsSeal
from quote_service.intelligence.competitors.operations.fetching.connectors import (
    ITEMS_AT_ONCE,
    READINGS,
    Reading,
    UnusableCredentials,
    items_request,
    token_request,
)
from quote_service.intelligence.competitors.operations.fetching.fetched import Asked, Fetched
from quote_service.intelligence.competitors.operations.fetching.polite_client import PoliteClient
from quote_service.intelligence.competitors.operations.reading.messages import Answer
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.tables.lanes import DueSource, keep_claim
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros

ANSWER_BYTES_MAX = 32 * 1024 * 1024
_TOKEN_BYTES_MAX = 64 * 1024
_TOKEN_MARGIN_SECONDS = 120.0
_KEEP_SECONDS = 300.0
# Sent as a header.
_SENDABLE = re.compile(r"[!-~]+")


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 0.0


class ApiFetcher:
    """Asks APIs for one process; tokens are kept in memory until shortly before they expire."""

    def __init__(self, database: Database, client: PoliteClient, reader: PageReader, seal: CredentialsSeal) -> None:
        self._database = database
        self._client = client
        self._reader = reader
        self._seal = seal
        self._tokens: dict[tuple[UUID, int], tuple[str, float]] = {}

    async def asked(self, due: DueSource, api: ApiSettings, order: Sequence[int]) -> AsyncIterator[Asked]:
        """What came of each request, and was read of it.

        One that fails is the last only where the others would too: where we are refused, asked to wait, or get no answer several
        times in a row.

        Args:
            due: The source.
            api: Its settings.
            order: The numbers of its batches, as they are to be asked for.

        Raises:
            Unavailable: PostgreSQL cannot be reached.
        """
        try:
            credentials = self._opened(due)
        except CredentialsLost:
            yield Asked(Fetched("blocked", "The credentials cannot be opened any more; set them again"))
            return
        if api.connector == "json":
            yield await self._json(due, api, credentials)
            return
        if not credentials:
            yield Asked(Fetched("blocked", "The source has no credentials"))
            return
        pace = pace_of(api, self._client.terms.pace)
        outcomes: list[Outcome] = []
        for batch in order:
            if outcomes:
                async with self._database.read() as connection:
                    if not await keep_claim(connection, due, pace.seconds + _KEEP_SECONDS, batch):
                        yield Asked(Fetched("unreachable", "Another process has taken over"), batch=batch)
                        return
                await asyncio.sleep(pace.seconds)
            token, failure = await self._token(due, api, credentials)
            if failure is not None:  # none of the others would have one
                yield Asked(failure, batch=batch)
                return
            each = await self._batch(due, api, credentials, token, batch)
            yield each
            outcomes.append(each.outcome)
            if has_to_stop(outcomes, each.retry_after_seconds):
                return

    async def _batch(
        self, due: DueSource, api: ApiSettings, credentials: Mapping[str, str], token: str, batch: int
    ) -> Asked:
        items = api.items[batch * ITEMS_AT_ONCE : (batch + 1) * ITEMS_AT_ONCE]
        try:
            asked = items_request(api, items, token, credentials)
        except UnusableCredentials as refused:
            return Asked(Fetched("blocked", str(refused)), batch=batch)
        fetched = await self._client.call(due.lane, *asked, ANSWER_BYTES_MAX)
        if fetched.status in (401, 403):  # Amazon says 403 of a token that it has taken back
            self._tokens.pop((due.id, due.version), None)
        return Asked(fetched, await self._read(fetched, READINGS[api.connector], due), batch)

    async def _json(self, due: DueSource, api: ApiSettings, credentials: Mapping[str, str]) -> Asked:
        assert api.url is not None
        headers = {"Accept": "application/json"}
        if api.header is not None and "value" in credentials:
            headers[api.header] = credentials["value"]
        if due.etag is not None:
            headers["If-None-Match"] = due.etag
        fetched = await self._client.call(due.lane, "GET", api.url, headers, None, ANSWER_BYTES_MAX)
        return Asked(fetched, await self._read(fetched, Reading(api.items_path or "", api.fields), due))

    async def _read(self, fetched: Fetched, reading: Reading, due: DueSource) -> Answer:
        if fetched.outcome != "ok":
            return Answer()
        return await self._reader.read(
            ItemsJob(
                body=fetched.body,
                path=reading.path,
                fields=reading.fields,
                status=reading.status,
                headers=reading.headers,
                currency=due.currency or reading.currency,
                country=due.country,
                at=from_micros(now_us()),
            )
        )

    def _opened(self, due: DueSource) -> dict[str, str]:
        if due.credentials is None or due.credentials_key_id is None:
            return {}
        return self._seal.open(due.id, due.credentials, due.credentials_key_id)

    async def _token(
        self, due: DueSource, api: ApiSettings, credentials: Mapping[str, str]
    ) -> tuple[str, Fetched | None]:
        known = self._tokens.get((due.id, due.version))
        if known is not None and known[1] > time.monotonic():
            return known[0], None
        asked = token_request(api, credentials)
        if asked is None:
            return "", None
        fetched = await self._client.call(due.lane, *asked, _TOKEN_BYTES_MAX)
        if fetched.outcome != "ok":
            return "", fetched._replace(detail=f"No token: {fetched.detail}")
        try:
            token = msgspec.json.decode(fetched.body, type=_Token)
        except msgspec.DecodeError:
            token = _Token("")
        if _SENDABLE.fullmatch(token.access_token) is None:
            return "", fetched._replace(outcome="parse_error", detail="No token: the answer has none")
        self._tokens = {key: each for key, each in self._tokens.items() if key[0] != due.id}
        lasts = max(token.expires_in - _TOKEN_MARGIN_SECONDS, 0.0)
        self._tokens[due.id, due.version] = (token.access_token, time.monotonic() + lasts)
        return token.access_token, None
