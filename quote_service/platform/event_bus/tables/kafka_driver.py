"""What the bus on Kafka has of the driver: how it connects, and errors as ours.

The driver is an extra (`quote-service[kafka]`) and is imported by nobody but these modules, which a process loads when it opens the bus.

Source: docs/spec/event-bus.md#kafka.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from quote_service.platform.settings import Settings
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.errors import Unavailable

#: How long one request may take; what is not answered in this time comes again.
REQUEST_MS = 10_000
ANSWER_SECONDS = 12.0
CLOSE_SECONDS = 5.0


def connecting(settings: Settings) -> dict[str, Any]:
    """How every client of the driver connects."""
    uses_tls, uses_sasl = settings.kafka_security.endswith("ssl"), settings.kafka_security.startswith("sasl")
    return {
        "bootstrap_servers": list(settings.kafka_servers),
        "client_id": "quote-service",
        "security_protocol": settings.kafka_security.upper(),
        "ssl_context": ssl.create_default_context(cafile=settings.kafka_ca_file or None) if uses_tls else None,
        **(
            {
                "sasl_mechanism": settings.kafka_sasl_mechanism,
                "sasl_plain_username": settings.kafka_username,
                "sasl_plain_password": settings.kafka_password,
            }
            if uses_sasl
            else {}
        ),
        "request_timeout_ms": REQUEST_MS,
        "retry_backoff_ms": 100,
    }


@asynccontextmanager
async def translated(seconds: float = ANSWER_SECONDS) -> AsyncIterator[None]:
    """Errors of the driver as ours, within a time limit: it tries again for ever where no broker answers.

    Raises:
        Unavailable: The brokers gave no answer in time, or refused.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except (KafkaError, OSError, TimeoutError) as failure:
        raise Unavailable(f"The event bus cannot be reached: {type(failure).__name__}") from failure


async def answer_of(asked: Awaitable[Any]) -> Any:
    """What the driver answers.

    Raises:
        Unavailable: As above.
    """
    async with translated():
        return await asked


async def started(client: Any) -> Any:
    """A client of the driver that is connected.

    Raises:
        Unavailable: As above.
    """
    try:
        await answer_of(client.start())
    except BaseException:
        await stopped(client)
        raise
    return client


async def stopped(client: Any) -> None:
    """Close a client; what cannot be closed in time goes with the process."""
    await close_quietly(client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())


async def close_quietly(closing: Awaitable[Any]) -> None:
    """Close a client of the driver; what cannot be closed in time goes with the process."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await closing
    except (KafkaError, OSError, TimeoutError):
        pass
    except asyncio.CancelledError:
        # The driver waits for tasks of its own that it has cancelled, and takes their end for ours.
        end_if_cancelled()
