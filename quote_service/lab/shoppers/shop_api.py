"""The API as a shop calls it: each call is counted, and each refusal by its code.

What changes something is asked for again until its outcome is known: after a lost connection or a 503 nobody knows whether it
was done, and the same request with the same key does it once.

Source: docs/spec/seeding.md#shoppers.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import httpx

from quote_service.lab.shoppers.tally import Tally
from quote_service.platform.documents.exact_documents import parse_exact

_ANSWER_SECONDS: Final = 10.0
_WAITS_SECONDS: Final = (0.1, 0.3, 1.0, 2.0)
"""Between the tries, where the service does not say how long to wait."""
_WAIT_SECONDS_MAX: Final = 2.0
_UNKNOWN_STATUSES: Final = frozenset({503, 504})
_STILL_RUNNING: Final = "request-still-running"


class Refused(Exception):
    """The service did not do what it was asked for, as far as is known; `code` says why, and is counted already.

    `is_unknown`: it may have been done, or would be a moment later. `wait_seconds` is what the service says of how long.
    """

    def __init__(self, code: str, *, is_unknown: bool = False, wait_seconds: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.is_unknown = is_unknown
        self.wait_seconds = wait_seconds


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
        return await self._counted(self._try("GET", path, params=query))

    async def ask(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to a question that changes nothing; never one that somebody has had before.

        Raises:
            Refused: There is none.
        """
        return await self._counted(self._try("POST", path, json=body, headers={"Cache-Control": "no-cache"}))

    async def do(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        key: str | None = None,
    ) -> Any:
        """What has become of it, asked for again while that is not known.

        Args:
            path: Where; what is done there has been done once, however often it is asked for with the same key.
            body: If there is one.
            key: The Idempotency-Key, where one is needed for that.

        Raises:
            Refused: It has not been done, or there was no answer after several tries.
        """
        return await self._counted(self._repeat(path, body, key))

    async def _repeat(self, path: str, body: dict[str, Any] | None, key: str | None) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        for patience_seconds in _WAITS_SECONDS:
            try:
                return await self._try("POST", path, json=body, headers=headers)
            except Refused as refused:
                if not refused.is_unknown:
                    raise
                wait_seconds = patience_seconds if refused.wait_seconds is None else refused.wait_seconds
            self._tally.repeats += 1
            await asyncio.sleep(min(wait_seconds, _WAIT_SECONDS_MAX))
        return await self._try("POST", path, json=body, headers=headers)

    async def _counted(self, answered: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await answered
        except Refused as refused:
            self._tally.refuse(refused.code)
            raise

    async def _try(self, method: str, path: str, **how: Any) -> Any:
        self._tally.requests += 1
        try:
            answer = await self._http.request(method, path, **how)
        except httpx.HTTPError as failure:
            raise Refused(type(failure).__name__, is_unknown=True) from failure
        try:
            document = parse_exact(answer.content)
        except ValueError:
            document = None
        if answer.is_success and isinstance(document, dict) and "data" in document:
            return document["data"]
        reported = document.get("type") if isinstance(document, dict) else None
        code = str(reported).rpartition("/")[2] if reported else f"HTTP {answer.status_code}"
        wait = answer.headers.get("Retry-After", "")
        raise Refused(
            code,
            is_unknown=answer.status_code in _UNKNOWN_STATUSES or code == _STILL_RUNNING,
            wait_seconds=float(wait) if wait.isdecimal() else None,
        )
