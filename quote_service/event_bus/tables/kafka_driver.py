"""What the bus on Kafka has of the driver: how it connects, and errors as ours.

The driver is an extra (`quote-service[kafka]`) and is imported by nobody but these modules, which a process loads when it opens the bus.

Source: docs/spec/event-bus.md#kafka.
"""

import ssl
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka.errors import KafkaError

from quote_service.settings import Settings
from quote_service.system.errors import Unavailable

#: How long one request may take; what is not answered in this time comes again.
REQUEST_MS = 10_000


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


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the driver as ours.

    Raises:
        Unavailable: The brokers gave no answer, or refused.
    """
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as failure:
        raise Unavailable(f"The event bus cannot be reached: {type(failure).__name__}") from failure


async def answer_of(asked: Awaitable[Any]) -> Any:
    """What the driver answers.

    Raises:
        Unavailable: As above.
    """
    with translated():
        return await asked
