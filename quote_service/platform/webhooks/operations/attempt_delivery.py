"""One attempt at a delivery: signed, sent, and judged by its answer.

Source: docs/spec/webhooks.md#deliveries; docs/spec/webhooks.md#signatures.
"""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from quote_service.platform.outbound.client import TRACEPARENT, NoAnswer, OutboundAnswer, OutboundClient
from quote_service.platform.system.traces import usable_traceparent
from quote_service.platform.webhooks.model.cloud_event import CONTENT_TYPE, write_event
from quote_service.platform.webhooks.model.deliveries import ANSWER_LETTERS, TRY_SECONDS, DueDelivery, Outcome
from quote_service.platform.webhooks.model.signatures import signature_headers
from quote_service.platform.webhooks.operations.secret_seal import SealedSecret, SecretLost, SecretSeal

_USER_AGENT = "quote-service-webhooks/1"
_MAY_WAIT = (429, 503)


async def attempt_delivery(client: OutboundClient, seal: SecretSeal, source: str, due: DueDelivery) -> Outcome:
    """Send an event once.

    Args:
        client: Sends to public addresses only.
        seal: Opens the secret of the endpoint.
        source: Of our events.
        due: What is sent where.
    """
    body = write_event(due.event_id, source, due.type, due.subject, due.told_at, due.data, due.traceparent)
    try:
        secrets = _open_secrets(seal, due)
    except SecretLost:
        return Outcome(error="The secret cannot be opened any more; rotate it")
    headers = {
        "Content-Type": CONTENT_TYPE,
        "User-Agent": _USER_AGENT,
        "Accept-Encoding": "identity",
        **signature_headers(str(due.event_id), int(time.time()), body, secrets),
    }
    if (traceparent := usable_traceparent(due.traceparent)) is not None:
        headers[TRACEPARENT] = traceparent  # of the attempt itself, where that is traced
    begun = time.perf_counter()
    try:
        answer = await client.post(due.url, headers, body)
    except NoAnswer as failure:
        return Outcome(error=failure.reason, seconds=time.perf_counter() - begun)
    return _judge(answer, time.perf_counter() - begun)


def _open_secrets(seal: SecretSeal, due: DueDelivery) -> list[bytes]:
    secrets = [seal.open(due.endpoint_id, SealedSecret(due.secret, due.secret_key_id))]
    if due.former_secret is not None and due.former_secret_key_id is not None:
        secrets.append(seal.open(due.endpoint_id, SealedSecret(due.former_secret, due.former_secret_key_id)))
    return secrets


def _judge(answer: OutboundAnswer, seconds: float) -> Outcome:
    status = answer.status
    if 200 <= status <= 299:
        return Outcome(status=status, seconds=seconds)
    reason = "redirected, which is not followed" if 300 <= status <= 399 else f"answered {status}"
    return Outcome(
        status=status,
        error=f"The endpoint {reason}",
        # What a text cannot hold in PostgreSQL is left out.
        answer=answer.body.decode("utf-8", "replace").replace("\0", "")[:ANSWER_LETTERS] or None,
        seconds=seconds,
        wait_seconds=_wait_seconds(answer.headers.get("retry-after", "")) if status in _MAY_WAIT else 0.0,
        is_gone=status == 410,
    )


def _wait_seconds(retry_after: str) -> float:
    """What `Retry-After` asks for, in seconds or as a date; 0 where it cannot be read, and never more than a day."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), TRY_SECONDS))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        return 0.0
    return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), TRY_SECONDS)
