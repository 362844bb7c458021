"""The functions of flash sales on the server: loaded where they are missing, sent as scripts where that is forbidden.

The library's name carries a digest of its text, so that two releases may run side by side. A function that is not there
has done nothing, so to load it and call again spends nothing twice; beyond that nothing is ever sent again from here.

Source: docs/spec/flash-sales.md#stock-server.
"""

from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from typing import Any, cast

from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import NoPermissionError, NoScriptError, ResponseError

from quote_service.platform.redis_store.cluster_client import ClusterClient
from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.redis_store.keys import item_keys, verdicts_key

_SOURCE = (Path(__file__).parent / "lua" / "flash_sales.lua").read_text("utf-8")
_DIGEST = sha1(_SOURCE.encode(), usedforsecurity=False).hexdigest()[:10]
LIBRARY = f"quote_flash_sales_{_DIGEST}"
_PREFIX = f"qfs_{_DIGEST}_"
_NAMES = ("reserve", "release", "settle", "finish", "fence", "clear", "fill", "open", "sync", "figures", "retire")
_REGISTRATIONS = "".join(f"redis.register_function('{_PREFIX}{name}', functions['{name}'])\n" for name in _NAMES)
_AS_LIBRARY = f"#!lua name={LIBRARY}\n{_SOURCE}\n{_REGISTRATIONS}"
_AS_SCRIPT = f"""#!lua
{_SOURCE}
return functions[table.remove(ARGV, 1)](KEYS, ARGV)
"""
_SCRIPT_SHA = sha1(_AS_SCRIPT.encode(), usedforsecurity=False).hexdigest()

Words = Sequence[str | int]


class FlashLibrary:
    """Calls the functions of one server or cluster; `uses_scripts` where it takes no functions."""

    __slots__ = ("client", "uses_scripts")

    def __init__(self, client: RedisClient, *, uses_scripts: bool = False) -> None:
        self.client = client
        self.uses_scripts = uses_scripts

    def command(self, function: str, item_id: int, arguments: Words) -> tuple[Any, ...]:
        """The command that calls a function for an item."""
        keys = (*item_keys(item_id), verdicts_key(item_id))
        if self.uses_scripts:
            return ("EVALSHA", _SCRIPT_SHA, len(keys), *keys, function, *arguments)
        return ("FCALL", _PREFIX + function, len(keys), *keys, *arguments)

    async def call(self, function: str, item_id: int, arguments: Words = ()) -> Any:
        """Call a function.

        Raises:
            RedisError, OSError: No answer came, and it is unknown whether it ran; or the server refused it.
        """
        try:
            return await cast("Any", self.client).execute_command(*self.command(function, item_id, arguments))
        except ResponseError as refusal:
            if not is_missing(refusal):
                raise
            await self.load(item_id, refusal)
        return await cast("Any", self.client).execute_command(*self.command(function, item_id, arguments))

    async def load(self, item_id: int, refusal: object) -> None:
        """Put the functions where a call for an item found none; where that is forbidden they go as scripts from now on.

        On a cluster that is the node that has the item: others get them when they are missed there, and a replica has
        them from its primary.

        Raises:
            RedisError, OSError: No answer came, or the server takes neither.
        """
        client = cast("Any", self.client)
        node = self._node_of(item_id)
        where = {} if node is None else {"target_nodes": node}
        if not self.uses_scripts and is_forbidden(refusal):
            self.uses_scripts = True
        if not self.uses_scripts:
            try:
                await client.execute_command("FUNCTION LOAD", "REPLACE", _AS_LIBRARY, **where)
            except (NoPermissionError, ResponseError) as forbidden:
                if not is_forbidden(forbidden):
                    raise
                self.uses_scripts = True
        if self.uses_scripts:
            await client.execute_command("SCRIPT LOAD", _AS_SCRIPT, **where)

    async def look_for_primary(self) -> None:
        """Ask the sentinels again who the primary is, where there are any: an idle connection outlives its place."""
        pool = getattr(self.client, "connection_pool", None)
        if isinstance(pool, SentinelConnectionPool):
            await pool.disconnect(inuse_connections=False)

    def lane_of(self, item_id: int) -> str:
        """What is unavailable together: the name of the node that has an item; one name for all where there is one server."""
        node = self._node_of(item_id)
        return "" if node is None else str(node.name)

    def _node_of(self, item_id: int) -> Any:
        return self.client.node_of(item_keys(item_id)[0]) if isinstance(self.client, ClusterClient) else None


def is_missing(refusal: object) -> bool:
    """Whether a server refused a call because it does not have the function or takes none, so that nothing was done."""
    if not isinstance(refusal, ResponseError):
        return False
    return isinstance(refusal, NoScriptError) or "Function not found" in str(refusal) or is_forbidden(refusal)


def is_forbidden(refusal: object) -> bool:
    """Whether a server refused a command about functions because it never takes it, from this user or from anybody."""
    reported = str(refusal).lower()
    is_about_functions = "fcall" in reported or "function" in reported
    is_refused = isinstance(refusal, NoPermissionError) or "unknown command" in reported
    return isinstance(refusal, ResponseError) and is_refused and is_about_functions
