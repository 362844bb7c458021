"""The client of a Redis Cluster, mended where it does not fit work that may be done once only.

The library's own client asks a server where the keys of a function call stand before each call, raises what is no
`RedisError` when no node can be reached, and learns from a failed pipeline nothing about the nodes. Here the places of
the keys are known, every failure is a `RedisError`, and after one the map of the slots is read again before the next
command. No command that may have run is sent again: only what a node has refused to run (MOVED, ASK, TRYAGAIN) is.

Source: docs/spec/flash-sales.md#admission-and-decision; redis-py 8.1, asyncio/cluster.py.
"""

from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode, ClusterPipeline
from redis.crc import key_slot
from redis.exceptions import ClusterDownError, ConnectionError, RedisClusterException, TimeoutError

from quote_service.platform.redis_store.traced_commands import batch_name, name_of, recorded
from quote_service.platform.system.traces import SPAN

_FUNCTION_CALLS = ("FCALL", "FCALL_RO")


class ClusterClient(RedisCluster):
    """A client that never retries, and whose failures are all `RedisError`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands_parser: Any = _KeyPlaces()

    def execute_command(self, *words: Any, **options: Any) -> Any:
        """Run a command on the node that has its keys."""
        span, answer = SPAN.get(), self._execute(words, options)
        return answer if span is None else recorded(span, {}, answer, *name_of(words))

    async def _execute(self, words: Sequence[Any], options: dict[str, Any]) -> Any:
        try:
            await self.initialize()
            return await super().execute_command(*words, **options)
        except RedisClusterException as failure:
            raise ConnectionError(str(failure)) from failure

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> ClusterPipeline:
        """Commands that go together to each node they concern; each is answered for itself."""
        pipeline: Any = _Pipeline  # abstract by an attribute that the library sets nowhere
        return cast("ClusterPipeline", pipeline(self, transaction))

    async def aclose(self) -> None:
        """Close all connections, also where the map of the slots is to be read again."""
        self._initialize = False
        await super().aclose()

    def forget_map(self) -> None:
        """Read the map of the slots again before the next command."""
        self._initialize = True

    def node_of(self, key: str) -> ClusterNode | None:
        """The primary that has a key, as far as is known; None before the map was read."""
        nodes = self.nodes_manager.slots_cache.get(key_slot(key.encode()))
        return nodes[0] if nodes else None


class _Pipeline(ClusterPipeline):
    async def execute(self, raise_on_error: bool = True, allow_redirections: bool = True) -> list[Any]:
        span, answers = SPAN.get(), self._execute(raise_on_error, allow_redirections)
        strategy: Any = self._execution_strategy
        names = [str(command.args[0]) for command in strategy._command_queue]
        if span is None or not names:
            return await answers
        return list(await recorded(span, {}, answers, batch_name(names), size=len(names)))

    async def _execute(self, raise_on_error: bool, allow_redirections: bool) -> list[Any]:
        client: Any = self.cluster_client
        try:
            answers: list[Any] = await super().execute(raise_on_error, allow_redirections)
        except RedisClusterException as failure:
            client.forget_map()
            raise ConnectionError(str(failure)) from failure
        except (ConnectionError, TimeoutError):
            client.forget_map()
            raise
        if any(isinstance(answer, (ConnectionError, TimeoutError, ClusterDownError)) for answer in answers):
            client.forget_map()
        return answers


class _KeyPlaces:
    """Where the keys stand in the commands that this service sends; the part of the library's parser that is used."""

    async def initialize(self, node: ClusterNode | None = None) -> None:
        """Nothing has to be asked of a node."""

    async def get_keys(self, *words: Any) -> Sequence[Any]:
        """The keys of a command."""
        name = str(words[0]).upper()
        if name in _FUNCTION_CALLS:
            return words[3 : 3 + int(words[2])]
        if name == "XREADGROUP":
            streams = words[_place_of_streams(words) + 1 :]
            return streams[: len(streams) // 2]
        return words[1:2]


def _place_of_streams(words: Sequence[Any]) -> int:
    # Behind GROUP, group and consumer, whose names may be any word.
    return next(index for index in range(4, len(words)) if words[index] in (b"STREAMS", "STREAMS"))
