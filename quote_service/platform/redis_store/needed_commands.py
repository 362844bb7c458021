"""Every command and key that this service needs of a Redis, to find out whether its user has the rights.

Source: docs/spec/operations.md#production.
"""

from typing import Any, Final, NamedTuple

from quote_service.platform.redis_store.keys import item_keys, quote_key, rate_key

Command = tuple[Any, ...]


class Needed(NamedTuple):
    """What one use asks of a Redis, scripts included: Redis checks each command within them. Of alternatives one will do.

    On keys that nothing else has: the commands find nothing there, or leave what expires at once.
    """

    subject: str
    commands: tuple[tuple[Command, ...], ...]


_QUOTE: Final = quote_key(0)
_RATE: Final = rate_key("probe")
_ITEM: Final = item_keys(0)[0]
_QUEUE: Final = item_keys(0)[5]
_NO_SCRIPT: Final = "0" * 40

FOR_QUOTES: Final = Needed(
    "quotes",
    (
        (("SET", _QUOTE, b"", "PX", 1000, "NX", "GET"),),
        (("GET", _QUOTE),),
        (("EVAL", "return 1", 1, _RATE),),
        (("EVALSHA", _NO_SCRIPT, 1, _RATE),),
        (("TIME",),),
        (("HMGET", _RATE, "left_micro"),),
        (("HSET", _RATE, "left_micro", 0),),
        (("PEXPIRE", _RATE, 1),),
    ),
)
FOR_FLASH_SALES: Final = Needed(
    "flash sales",
    (
        # Where functions are refused they go as scripts.
        (("FUNCTION LOAD", "REPLACE", ""), ("SCRIPT LOAD", "return 1")),
        (("FCALL", "probe", 1, _ITEM), ("SCRIPT LOAD", "return 1")),
        (("FCALL", "probe", 1, _ITEM), ("EVALSHA", _NO_SCRIPT, 1, _ITEM)),
        (("EVAL", "return 1", 1, _ITEM),),
        (("TIME",),),
        (("INFO", "server"),),
        (("EXISTS", _ITEM),),
        (("HSET", _ITEM, "probe", 0),),
        (("PEXPIRE", _ITEM, 1),),
        (("HGET", _ITEM, "probe"),),
        (("HMGET", _ITEM, "probe"),),
        (("HGETALL", _ITEM),),
        (("HKEYS", _ITEM),),
        (("HLEN", _ITEM),),
        (("HEXISTS", _ITEM, "probe"),),
        (("HINCRBY", _ITEM, "probe", 0),),
        (("HDEL", _ITEM, "probe"),),
        (("DEL", _ITEM),),
        (("ZADD", _ITEM, "XX", 0, "probe"),),
        (("ZSCORE", _ITEM, "probe"),),
        (("ZREM", _ITEM, "probe"),),
        (("XADD", _QUEUE, "NOMKSTREAM", "*", "probe", ""),),
        (("XLEN", _QUEUE),),
        (("XRANGE", _QUEUE, "-", "+", "COUNT", 1),),
        (("XINFO STREAM", _QUEUE),),
        (("XINFO GROUPS", _QUEUE),),
        (("XGROUP CREATE", _QUEUE, "probe", "0"),),
        (("XREADGROUP", "GROUP", "probe", "probe", "COUNT", 1, "STREAMS", _QUEUE, ">"),),
        (("XAUTOCLAIM", _QUEUE, "probe", "probe", 1000, "0-0"),),
        (("XPENDING", _QUEUE, "probe"),),
        (("XACK", _QUEUE, "probe", "0-1"),),
        (("XDEL", _QUEUE, "0-1"),),
    ),
)


def for_events(prefix: str) -> Needed:
    """What the bus asks on streams whose names begin so."""
    stream = f"{prefix}stream:{{probe}}:0"
    return Needed(
        "events",
        (
            (("XADD", stream, "NOMKSTREAM", "*", "probe", ""),),
            (("XLEN", stream),),
            (("XRANGE", stream, "-", "+", "COUNT", 1),),
            (("XTRIM", stream, "MINID", "0-1"),),
            (("XINFO GROUPS", stream),),
            (("XGROUP CREATE", stream, "probe", "0"),),
            (("XGROUP SETID", stream, "probe", "0"),),
            (("XREADGROUP", "GROUP", "probe", "probe", "COUNT", 1, "STREAMS", stream, ">"),),
            (("XAUTOCLAIM", stream, "probe", "probe", 1000, "0-0"),),
            (("XPENDING", stream, "probe"),),
            (("XACK", stream, "probe", "0-1"),),
        ),
    )
