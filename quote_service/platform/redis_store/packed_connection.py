"""A connection that writes commands by hiredis, and reads all answers of a batch in one go.

redis-py writes by hiredis for blocking clients only, and gives each answer of a pipeline a time limit of its own: for a
batch of purchases that was more than half of what Redis cost the service.

Source: redis-py 8.1, asyncio/connection.py and connection.py (HiredisRespSerializer).
"""

import asyncio
import builtins
from collections.abc import Iterable, Sequence
from typing import Any

import hiredis
from redis.asyncio import Connection, Redis
from redis.exceptions import ConnectionError, TimeoutError

_COPIED = (bytearray, memoryview)
HELD_UP_SECONDS = 0.05
HELD_UP_MAX = 3
_FOREVER_SECONDS = 3600.0


class PackedConnection(Connection):
    """As `Connection`, over TCP without TLS."""

    def pack_command(self, *args: Any) -> list[bytes]:
        """One command as it goes over the wire; a name of several words is sent as several."""
        return [_packed(args)]

    def pack_commands(self, commands: Iterable[Iterable[Any]]) -> list[bytes]:
        """Several commands in one piece."""
        return [b"".join([_packed(tuple(command)) for command in commands])]

    async def exchange(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Send commands in one piece and read their answers, within the time that one would have; it is connected already.

        What a command is refused with is its answer, an instance of ResponseError. A time limit that is noticed late says
        that this process was held up, as by a crowd that comes at one instant, and not that Redis was: then it begins
        again, as often as HELD_UP_MAX.

        Raises:
            ConnectionError, TimeoutError: Of redis-py. Not every answer came; any of the commands may have run.
        """
        parser: Any = self._parser
        writer: Any = self._writer
        clock = asyncio.get_running_loop().time
        answers: list[Any] = []
        try:
            # Not by send_packed_command: its wait_for may swallow a cancellation.
            writer.writelines(self.pack_commands(commands))
            for _ in range(1 + HELD_UP_MAX):
                deadline = clock() + (self.socket_timeout or _FOREVER_SECONDS)
                try:
                    async with asyncio.timeout_at(deadline):
                        await writer.drain()
                        while len(answers) < len(commands):
                            answers.append(await parser.read_response())
                        return answers
                except builtins.TimeoutError:
                    if clock() - deadline < HELD_UP_SECONDS:
                        break
            raise TimeoutError("No answer in time")
        except OSError as failure:
            await self.disconnect(nowait=True)
            raise ConnectionError(f"The connection is lost: {failure}") from failure
        except BaseException:
            # What has not been read would be taken for the answer to the next command.
            await self.disconnect(nowait=True)
            raise


async def exchange(client: Redis, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Answers to commands that go together over one connection, in one piece where the connection can.

    Raises:
        RedisError: As `PackedConnection.exchange`, or there is no connection.
    """
    pool: Any = client.connection_pool
    if pool.connection_class is not PackedConnection:  # with TLS, or to the primary that sentinels name
        pipeline = client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return list(await pipeline.execute(raise_on_error=False))
    connection: PackedConnection = await pool.get_connection()
    try:
        return await connection.exchange(commands)
    finally:
        await pool.release(connection)


def _packed(words: tuple[Any, ...]) -> bytes:
    name = words[0]
    if " " in name if isinstance(name, str) else b" " in name:
        words = (*name.split(), *words[1:])
    if any(isinstance(word, _COPIED) for word in words):
        words = tuple(bytes(word) if isinstance(word, _COPIED) else word for word in words)
    packed: bytes = hiredis.pack_command(words)
    return packed
