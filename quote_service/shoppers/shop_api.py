"""The API as a shopper's device calls it: each call is counted, and each refusal by its code.

Source: docs/spec/seeding.md#shoppers.
"""

from typing import Any

import httpx

from quote_service.documents.exact_documents import parse_exact
from quote_service.shoppers.tally import Tally

_ANSWER_SECONDS = 10.0


class Refused(Exception):
    """The service did not do what it was asked for; `code` says why, and is counted already."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ShopApi:
    """Calls one service with one API key."""

    def __init__(self, url: str, api_key: str, connections: int, tally: Tally) -> None:
        self._tally = tally
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"X-API-Key": api_key},
            timeout=_ANSWER_SECONDS,
            limits=httpx.Limits(max_connections=connections),
        )

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def get(self, path: str, **query: Any) -> Any:
        """What is there.

        Raises:
            Refused: It cannot be had.
        """
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> Any:
        """What has become of it; `key` is the Idempotency-Key of what happens once.

        Raises:
            Refused: Nothing.
        """
        return await self._call("POST", path, json=body, headers={} if key is None else {"Idempotency-Key": key})

    async def _call(self, method: str, path: str, **how: Any) -> Any:
        self._tally.requests += 1
        try:
            answer = await self._http.request(method, path, **how)
        except httpx.HTTPError as failure:
            raise self._refused(type(failure).__name__) from failure
        try:
            document = parse_exact(answer.content)
        except ValueError:
            document = None
        if answer.is_success and isinstance(document, dict) and "data" in document:
            return document["data"]
        told = document.get("type") if isinstance(document, dict) else None
        raise self._refused(str(told).rpartition("/")[2] if told else f"HTTP {answer.status_code}")

    def _refused(self, code: str) -> Refused:
        self._tally.errors[code] += 1
        return Refused(code)
