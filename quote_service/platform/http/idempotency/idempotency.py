"""Idempotency-Key on every POST that creates: the first definite answer is kept, and is final for that key.

A creating handler is one block. Read and check the body before it, do all writing inside it::

    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        stored = await create_rate(creation.connection, change_of(request), draft)
        return creation.created("/api/v1/rates", stored, "Rate created")

The block opens a transaction and commits it when it is left, so the effect, its audit row and the kept answer become
visible together. An error rolls all of it back. Where the block was refused for good, by what there is (a conflict, a version,
something that does not exist), the refusal is then kept by itself, before anyone is given it: a request that was refused never
takes effect later, whichever of its copies comes last. What a repeat may find otherwise is not kept: a body that cannot be
accepted before anything is looked up, no access, a limit, a dependency or a process that is lost. Two requests with one key
meet at an advisory lock that PostgreSQL frees with the transaction, however it ends.

Keys belong to one caller and one route. Without the header the block is just a transaction.

Source: docs/spec/wire.md#idempotency-keys.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

import msgspec
from litestar import Response

from quote_service.platform.documents.documents import envelope
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.callers import caller_of
from quote_service.platform.http.etags import etag_header
from quote_service.platform.http.idempotency.fingerprints import fingerprint_of
from quote_service.platform.http.idempotency.sealed_answers import open_answer, seal_answer, sealed_digests
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.http.problems import PROBLEM_JSON, problem_answer
from quote_service.platform.postgres.idempotency_keys import KeptAnswer, KeyUse, find_answer, keep_answer, try_lock_key
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.errors import IdempotencyKeyReused, Invalid, QuoteServiceError, RequestStillRunning
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.waiting_client import work_begins

_POINTER = "/headers/idempotency-key"
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
_QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_ESCAPED = re.compile(r'\\(["\\])')
# Of what a block is refused by, once it has begun: what there is, and not who asks, how often, or what is unavailable just now.
_DEFINITE_KINDS = frozenset({"not_found", "conflict", "stale", "invalid"})
STILL_RUNNING = "Try again when the first request has finished"
REUSED = "This key was used with a different request; use a new key for a new request"


class Versioned(Protocol):
    """What has an id and a version, as everything has that is created and may be changed."""

    @property
    def id(self) -> object:
        """Unique among its kind."""

    @property
    def version(self) -> int:
        """1 of what was created; each change adds one."""


class Creation:
    """One creating request: its open transaction, and the answer kept from before if there is one."""

    __slots__ = ("connection", "customer_id", "given", "replay")

    def __init__(self, connection: Connection, replay: Response[bytes] | None) -> None:
        self.connection = connection
        self.replay = replay
        self.given: tuple[int, bytes, dict[str, str]] | None = None
        self.customer_id: UUID | None = None

    def answer(
        self,
        status: int,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        customer_id: UUID | None = None,
    ) -> Response[bytes]:
        """The answer to send once the transaction has committed; it is what a repeat with the same key will get.

        Args:
            status: Of the answer.
            body: Of the answer.
            headers: Beside the content type.
            customer_id: Whom the answer tells of: it is erased with the customer.
        """
        self.customer_id = customer_id
        self.given = (status, body, dict(headers or {}))
        return Response(body, status_code=status, headers=dict(headers or {}), media_type=JSON)

    def created(self, place: str, made: Versioned, message: str, *, customer_id: UUID | None = None) -> Response[bytes]:
        """As `answer`: 201 with what was made, its `Location` below this place, and its strong ETag for a later If-Match."""
        headers = {"Location": f"{place}/{made.id}", **etag_header(str(made.id), made.version)}
        return self.answer(201, envelope(made, message), headers, customer_id=customer_id)


@asynccontextmanager
async def creating(request: AnyRequest, *, secret: bool = False, body: bytes | None = None) -> AsyncIterator[Creation]:
    """Open the transaction of a creating request, and keep its answer if the request names a key.

    Args:
        request: An authenticated request.
        secret: The request or the answer holds a secret; both are kept sealed.
        body: What tells the body from others, where it has been read as a stream; None to read it here.

    Raises:
        Invalid: The key is not 1..255 visible ASCII characters.
        IdempotencyKeyReused: The key came before with another path, query or body.
        AnswerSealed: The first answer held a secret, and can no longer be opened.
        RequestStillRunning: The first request with the key has not ended.
        Unavailable: PostgreSQL cannot be reached, or the commit failed.
    """
    parts = parts_of(request)
    key = read_idempotency_key(request.headers.getall("idempotency-key", []))
    if key is None:
        async with parts[Database].transaction() as connection:
            work_begins()
            yield Creation(connection, None)
        return
    use = key_use_of(request, key, await request.body() if body is None else body)
    fingerprints = sealed_digests(use.fingerprint, parts) if secret else (use.fingerprint,)
    use = msgspec.structs.replace(use, fingerprint=fingerprints[0])
    creation: Creation | None = None
    try:
        async with parts[Database].transaction() as connection:
            kept = await _kept_under_lock(connection, use)
            replay = None if kept is None else replayed(kept, parts)
            if kept is not None and kept.fingerprint not in fingerprints:
                raise IdempotencyKeyReused(REUSED)
            work_begins()
            creation = Creation(connection, replay)
            yield creation
            if kept is None and creation.given is not None:
                status, shown, headers = creation.given
                shown = seal_answer(shown, parts) if secret else shown
                answer = KeptAnswer(
                    use.fingerprint, status, headers, shown, is_sealed=secret, customer_id=creation.customer_id
                )
                await keep_answer(connection, use, answer)
    except QuoteServiceError as refusal:
        if creation is not None and creation.replay is None and is_definite(refusal):
            path = request.scope["path"]
            await keep_refusal(parts, use, refusal, path, secret=secret, customer_id=creation.customer_id)
        raise


def is_definite(refusal: QuoteServiceError) -> bool:
    """Whether work that has begun was refused for good, so that its key holds the refusal."""
    is_passing = refusal.is_passing or refusal.retry_after_seconds is not None
    return refusal.kind in _DEFINITE_KINDS and not is_passing


async def keep_refusal(
    parts: Parts,
    use: KeyUse,
    refusal: QuoteServiceError,
    path: str,
    *,
    secret: bool = False,
    customer_id: UUID | None = None,
) -> None:
    """Keep a refusal under a key, in a transaction of its own; it may be given when this returns.

    Args:
        parts: Of this process.
        use: Of the key.
        refusal: A definite one, of work that has been rolled back.
        path: Of the request.
        secret: As for `creating`.
        customer_id: Whom it is about, where that is known: it is erased with the customer.

    Raises:
        RequestStillRunning: Another request with the key has come in between; a repeat gets what that was answered.
        ClientGone: No work has begun, and nobody waits: the refusal is nobody's answer.
        Unavailable: It could not be kept, so it must not be given.
    """
    kept = refusal_to_keep(use, refusal, path, customer_id)
    if secret:
        kept = msgspec.structs.replace(kept, body=seal_answer(kept.body, parts), is_sealed=True)
    async with parts[Database].transaction() as connection:
        if await _kept_under_lock(connection, use) is not None:
            raise RequestStillRunning(STILL_RUNNING, retry_after_seconds=1)
        await keep_answer(connection, use, kept)


def refusal_to_keep(use: KeyUse, refusal: QuoteServiceError, path: str, customer_id: UUID | None) -> KeptAnswer:
    """A refusal as it is kept: the very bytes that it is answered with."""
    answer = problem_answer(refusal, path)
    return KeptAnswer(use.fingerprint, answer.status, answer.headers, answer.body, customer_id=customer_id)


def key_use_of(request: AnyRequest, key: str, body: bytes) -> KeyUse:
    """What a key is used for by an authenticated request with this body."""
    caller = caller_of(request)
    return KeyUse(
        caller=f"{caller.kind}:{caller.id}",
        route=f"{request.method} {request.scope['path_template']}",
        key=key,
        fingerprint=fingerprint_of(request.method, request.scope, body),
    )


def replayed(kept: KeptAnswer, parts: Parts) -> Response[bytes]:
    """A kept answer, given again.

    Raises:
        AnswerSealed: It held a secret, and can no longer be opened.
    """
    body = open_answer(kept.body, parts) if kept.is_sealed else kept.body
    headers = {**kept.headers, "Idempotent-Replayed": "true"}
    media_type = PROBLEM_JSON if kept.status >= HTTPStatus.BAD_REQUEST else JSON
    return Response(body, status_code=kept.status, headers=headers, media_type=media_type)


async def _kept_under_lock(connection: Connection, use: KeyUse) -> KeptAnswer | None:
    """What stands under a key, which is ours until the transaction ends."""
    if not await try_lock_key(connection, use):
        raise RequestStillRunning(STILL_RUNNING, retry_after_seconds=1)
    return await find_answer(connection, use)


def read_idempotency_key(values: list[str]) -> str | None:
    """Read the header: bare, or as a quoted structured-field string; both spellings of one key are the same key.

    Raises:
        Invalid: It is given twice, or is not 1..255 visible ASCII characters.
    """
    if not values:
        return None
    if len(values) > 1:
        raise Invalid.at(_POINTER, "must be given once")
    quoted = _QUOTED.fullmatch(values[0])
    key = _ESCAPED.sub(r"\1", quoted[1]) if quoted else values[0]
    if not _VISIBLE.fullmatch(key) or (quoted is None and key.startswith('"')):
        raise Invalid.at(_POINTER, "must be 1 to 255 visible ASCII characters")
    return key
