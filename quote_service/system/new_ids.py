"""New identifiers, version 7.

Random bits are taken from the operating system in blocks: one system call serves 400 identifiers. Each worker process
is started afresh, never forked with a filled block, and a fork drops the block all the same.
"""

import os
import time
from typing import Final

from quote_service.system.identifiers import uuid7

_BLOCK_BYTES: Final = 4000
_EACH_BYTES: Final = 10
_block = b""
_used = 0


def _drop_block() -> None:
    global _block
    _block = b""


os.register_at_fork(after_in_child=_drop_block)


def random_bits() -> int:
    """74 random bits, as many as a version-7 UUID has room for."""
    global _block, _used
    if _used + _EACH_BYTES > len(_block):
        _block = os.urandom(_BLOCK_BYTES)
        _used = 0
    bits = int.from_bytes(_block[_used : _used + _EACH_BYTES]) >> 6
    _used += _EACH_BYTES
    return bits


def new_id(instant_ms: int | None = None) -> str:
    """A fresh version-7 UUID, for now or for the given instant in milliseconds."""
    return uuid7(time.time_ns() // 1_000_000 if instant_ms is None else instant_ms, random_bits())
