"""Commands to Redis as spans below what sends them. Where nothing is traced a command costs the look at one variable more.

Source: docs/spec/operations.md#traces; OpenTelemetry semantic conventions for Redis.
"""

from collections.abc import Awaitable, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError

from quote_service.platform.system.traces import SPAN, Attributes, Call, OpenSpan, now_ns

_PROCEDURES = ("FCALL", "FCALL_RO", "EVALSHA", "EVALSHA_RO")


class TracedPipeline(Pipeline):
    """As `Pipeline`; one span for all that goes together."""

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send the commands, and answer what Redis does to each."""
        span, names = SPAN.get(), [str(words[0]) for words, _ in self.command_stack]
        answers: Awaitable[list[Any]] = super().execute(raise_on_error)
        if span is None or not names:
            return await answers
        return list(await recorded(span, address_of(self), answers, batch_name(names), size=len(names)))


class TracedRedis(Redis):
    """As `Redis`; each command is a span where somebody traces."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Run a command."""
        client: Any = super()  # not typed there
        span, answer = SPAN.get(), client.execute_command(*args, **options)
        return answer if span is None else recorded(span, address_of(self), answer, *name_of(args))

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """Commands that go together."""
        return TracedPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)


async def recorded(
    span: OpenSpan, server: Attributes, answer: Awaitable[Any], name: str, procedure: str = "", *, size: int = 0
) -> Any:
    """Wait for an answer, and record below a span how long that took.

    Args:
        span: Of what waits.
        server: As `address_of` has it.
        answer: Of a command that is under way.
        name: The command.
        procedure: The function that it calls, or the digest of the script.
        size: How many commands go together; 0 for one by itself.
    """
    start_ns, error, code = now_ns(), None, ""
    try:
        return await answer
    except Exception as failure:
        error = type(failure).__name__
        if isinstance(failure, ResponseError) and (word := str(failure).partition(" ")[0]).isupper():
            error = code = word
        raise
    finally:
        attributes = {"db.system.name": "redis", "db.operation.name": name, **server}
        if procedure:
            attributes["db.stored_procedure.name"] = procedure
        if size > 1:
            attributes["db.operation.batch.size"] = size
        if code:
            attributes["db.response.status_code"] = code
        span.record(Call(f"{name} {procedure}".rstrip(), start_ns, now_ns(), attributes, error))


def name_of(words: Sequence[Any]) -> tuple[str, str]:
    """The name of a command, and of the function or script that it calls, if any; nothing of keys and values."""
    name = str(words[0])
    return name, str(words[1]) if name in _PROCEDURES else ""


def batch_name(names: Sequence[str]) -> str:
    """The name of commands that go together."""
    return f"PIPELINE {names[0]}" if len(set(names)) == 1 else "PIPELINE"


def address_of(client: Any) -> Attributes:
    """Which server, and which database of it, as far as that stands in the client: sentinels name one when it connects."""
    reported = getattr(getattr(client, "connection_pool", None), "connection_kwargs", {})
    found: dict[str, str | int | float | bool] = {}
    if address := reported.get("host") or reported.get("path"):
        found["server.address"] = address
        found |= {"server.port": reported["port"]} if "port" in reported else {}
    if found or "db" in reported:
        found["db.namespace"] = str(reported.get("db") or 0)
    return found
