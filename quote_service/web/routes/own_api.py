"""The API as the pages call it: in this process, as the person who looks.

A page asks nothing of a table and changes nothing by itself. Whatever it shows or does goes through the route that a program
would call, with the person's own token: one place decides who may do what, what is wrong with an input, and what is put on
record.

Source: docs/decisions/pages-through-the-api.md.
"""

import asyncio
from collections.abc import Mapping, MutableMapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.documents.typed_reading import NOT_A_UUID
from quote_service.platform.http.edge import Application
from quote_service.web.rendering.texts import place_of
from quote_service.web.routes.api_events import ApiEvents

_IN_WORDS = {NOT_A_UUID: "is not known; choose it from the list"}
#: Reading this much, as the API's description is, would hold whoever else waits for the loop.
_LONG_BYTES = 250_000
Query = Mapping[str, str | int | None] | Sequence[tuple[str, str]]


class ApiAnswer(msgspec.Struct, frozen=True):
    """What the API answered; `document` is None where there is no JSON."""

    status: int
    headers: dict[str, str]
    body: bytes
    document: Any

    @property
    def is_good(self) -> bool:
        """Whether it did what it was asked for."""
        return self.status < HTTPStatus.BAD_REQUEST

    @property
    def data(self) -> Any:
        """`data` of the envelope."""
        return self.document["data"]

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong with which field: messages by JSON pointer, all of a field together."""
        found: dict[str, list[str]] = {}
        for fault in (self.document or {}).get("errors", ()):
            found.setdefault(fault["pointer"], []).append(fault["detail"])
        return {pointer: "; ".join(details) for pointer, details in found.items()}

    @property
    def problem(self) -> str:
        """Why it was refused, with the nearest price that would not be; empty where it was not."""
        if self.is_good:
            return ""
        problem = self.document or {}
        nearest = problem.get("nearest_price")
        return f"{problem.get('detail', '')}{'' if nearest is None else f'; the nearest is {nearest}'}"

    @property
    def fault_texts(self) -> list[str]:
        """What is wrong, for somebody who filtered a list: each fault with its field, or else what the API says of the whole."""
        problem = self.document or {}
        faults = [
            f"{place_of(each['pointer'].removeprefix('/query'))}: {_IN_WORDS.get(each['detail'], each['detail'])}"
            for each in problem.get("errors", ())
        ]
        return [] if self.is_good else faults or [problem.get("detail") or problem.get("title") or "It was refused"]


class ApiRefused(Exception):
    """The API refused what a page cannot do without."""

    def __init__(self, answer: ApiAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class OwnApi:
    """Calls the API with the token of one person, for one request of theirs."""

    __slots__ = ("_app", "_client", "_headers", "_state")

    def __init__(self, app: Application, token: str, request_id: str, address: str = "") -> None:
        self._app = app
        # What is throttled by address goes by that of the person.
        self._client = (address, 0) if address else None
        self._headers = [(b"authorization", b"Bearer " + token.encode()), (b"host", b"pages")]
        self._state = {"request_id": request_id, "trace_parent": None}

    async def get(self, path: str, query: Query | None = None) -> Any:
        """The whole document at a path.

        Raises:
            ApiRefused: The API did not answer it.
        """
        return self.require(await self.call("GET", path, query=query)).document

    @staticmethod
    def require(answer: ApiAnswer) -> ApiAnswer:
        """An answer that a page cannot do without.

        Raises:
            ApiRefused: The API refused it.
        """
        if not answer.is_good:
            raise ApiRefused(answer)
        return answer

    async def find(self, path: str, query: Query | None = None) -> Any | None:
        """`data` at a path; None where the API refuses: what stands beside the matter of a page may be missing."""
        answer = await self.call("GET", path, query=query)
        return answer.document.get("data") if answer.is_good and answer.document else None

    async def call(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        content: tuple[str, bytes] | None = None,
    ) -> ApiAnswer:
        """Call the API with a document, or with content of another type; whatever it answers is an answer."""
        media_type, body = content or ("application/json", b"" if document is None else write_document(document))
        sent = [(b"content-length", str(len(body)).encode())]
        if body:
            sent.append((b"content-type", media_type.encode()))
        sent.extend((name.lower().encode(), value.encode()) for name, value in (headers or {}).items())
        return await _exchange(self._app, self._scope(method, path, query, sent), body)

    async def stream(self, path: str, query: Query | None = None, media_type: str = "text/event-stream") -> ApiEvents:
        """What the API streams at a path; whoever is handed it closes it.

        Raises:
            ApiRefused: The API does not stream it.
        """
        heard = ApiEvents(self._app, self._scope("GET", path, query, []))
        try:
            await heard.answered()
            if media_type not in heard.headers.get("content-type", ""):
                raise ApiRefused(_answer_of(heard.status, heard.headers, await heard.whole()))
        except BaseException:
            heard.close()
            raise
        return heard

    def _scope(
        self, method: str, path: str, query: Query | None, headers: list[tuple[bytes, bytes]]
    ) -> MutableMapping[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": quote(path).encode(),
            "root_path": "",
            "query_string": _query_text(query).encode(),
            "headers": [*self._headers, *headers],
            "client": self._client,
            "server": None,
            "state": dict(self._state),
            "extensions": {},
        }


async def _exchange(app: Application, scope: MutableMapping[str, Any], body: bytes) -> ApiAnswer:
    status, headers, pieces = 0, dict[str, str](), list[bytes]()
    is_sent, is_answered = False, asyncio.Event()

    async def receive() -> MutableMapping[str, Any]:
        nonlocal is_sent
        if is_sent:
            await is_answered.wait()  # whoever called stays until the answer is there
            return {"type": "http.disconnect"}
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            pieces.append(message.get("body", b""))
            if not message.get("more_body", False):
                is_answered.set()

    await app(scope, receive, send)
    body = b"".join(pieces)
    if len(body) > _LONG_BYTES:
        return await asyncio.to_thread(_answer_of, status, headers, body)
    return _answer_of(status, headers, body)


def _answer_of(status: int, headers: dict[str, str], body: bytes) -> ApiAnswer:
    is_json = "json" in headers.get("content-type", "")
    return ApiAnswer(status, headers, body, parse_json(body, values_max=None) if is_json and body else None)


def _query_text(query: Query | None) -> str:
    pairs = query.items() if isinstance(query, Mapping) else query or ()
    return urlencode([(name, value) for name, value in pairs if value not in (None, "")])
