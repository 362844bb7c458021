"""Ask an API for its products: as many requests as it takes, each at the pace of its operation.

Source: docs/spec/competitors.md#apis.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from uuid import UUID

import msgspec

from quote_service.competitors.operations.credentials_seal import CredentialsLost, CredentialsSeal
from quote_service.competitors.operations.fetching.connectors import (
    ITEMS_AT_ONCE,
    READINGS,
    Reading,
    UnusableCredentials,
    items_request,
    token_request,
)
from quote_service.competitors.operations.fetching.fetched import Fetched
from quote_service.competitors.operations.fetching.polite_client import PoliteClient
from quote_service.competitors.operations.reading.messages import Answer
from quote_service.competitors.operations.reading.page_reader import PageReader
from quote_service.competitors.tables.lanes import DueSource, keep_claim
from quote_service.competitors.words.lanes import pace_of
from quote_service.competitors.words.reading.read_feed import ItemsJob
from quote_service.competitors.words.sources import ApiSettings
from quote_service.postgres.pool import Database
from quote_service.system.clock import now_us
from quote_service.system.instants import from_micros

ANSWER_BYTES_MAX = 32 * 1024 * 1024
_TOKEN_BYTES_MAX = 64 * 1024
_TOKEN_MARGIN_SECONDS = 120.0
_KEEP_SECONDS = 300.0


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

    async def pages(self, due: DueSource, api: ApiSettings) -> AsyncIterator[tuple[Fetched, Answer]]:
        """What came of each request, and was read of it; the first that fails is the last.

        Raises:
            Unavailable: PostgreSQL cannot be reached.
        """
        try:
            credentials = self._opened(due)
        except CredentialsLost:
            yield Fetched("blocked", "The credentials cannot be opened any more; set them again"), Answer()
            return
        if api.connector == "json":
            yield await self._json(due, api, credentials)
            return
        if not credentials:
            yield Fetched("blocked", "The source has no credentials"), Answer()
            return
        token, failure = await self._token(due, api, credentials)
        if failure is not None:
            yield failure, Answer()
            return
        pace = pace_of(api, self._client.terms.pace)
        for start in range(0, len(api.items), ITEMS_AT_ONCE):
            if start:
                async with self._database.read() as connection:
                    if not await keep_claim(connection, due, pace.seconds + _KEEP_SECONDS):
                        yield Fetched("unreachable", "Another process has taken over"), Answer()
                        return
                await asyncio.sleep(pace.seconds)
            try:
                asked = items_request(api, api.items[start : start + ITEMS_AT_ONCE], token, credentials)
            except UnusableCredentials as refused:
                yield Fetched("blocked", str(refused)), Answer()
                return
            fetched = await self._client.call(due.lane, *asked, ANSWER_BYTES_MAX)
            if fetched.status in (401, 403):  # Amazon says 403 of a token that it has taken back
                self._tokens.pop((due.id, due.version), None)
            yield fetched, await self._read(fetched, READINGS[api.connector], due.currency)
            if fetched.outcome != "ok":
                return

    async def _json(self, due: DueSource, api: ApiSettings, credentials: Mapping[str, str]) -> tuple[Fetched, Answer]:
        assert api.url is not None
        headers = {"Accept": "application/json"}
        if api.header is not None and "value" in credentials:
            headers[api.header] = credentials["value"]
        if due.etag is not None:
            headers["If-None-Match"] = due.etag
        fetched = await self._client.call(due.lane, "GET", api.url, headers, None, ANSWER_BYTES_MAX)
        return fetched, await self._read(fetched, Reading(api.items_path or "", api.fields), due.currency)

    async def _read(self, fetched: Fetched, reading: Reading, currency: str | None) -> Answer:
        if fetched.outcome != "ok":
            return Answer()
        return await self._reader.read(
            ItemsJob(
                body=fetched.body,
                path=reading.path,
                fields=reading.fields,
                currency=currency or reading.currency,
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
            return "", fetched._replace(outcome="parse_error", detail="No token: the answer has none")
        self._tokens = {key: each for key, each in self._tokens.items() if key[0] != due.id}
        lasts = max(token.expires_in - _TOKEN_MARGIN_SECONDS, 0.0)
        self._tokens[due.id, due.version] = (token.access_token, time.monotonic() + lasts)
        return token.access_token, None
