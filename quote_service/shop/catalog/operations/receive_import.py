"""Take in the body of an import, as it comes and however large.

Source: docs/spec/catalog.md#import-and-export.
"""

import hashlib
from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.shop.catalog.tables.imports import insert_import, stage_chunk

CHUNK_BYTES = 256 * 1024


class Received(NamedTuple):
    """How much came, and what shows it from any other body."""

    size: int
    digest: bytes


async def receive_import(
    database: Database, change: Author, import_id: UUID, media_type: str, body: AsyncIterator[bytes]
) -> Received:
    """Stage a body piece by piece; no connection is held while it comes.

    Raises:
        Unavailable: The database cannot be reached; what has been staged is dropped later.
    """
    async with database.read() as connection:
        await insert_import(connection, import_id, media_type, change)
    digest, size, place = hashlib.sha256(), 0, 0
    piece = bytearray()
    async for part in body:
        piece += part
        size += len(part)
        digest.update(part)
        if len(piece) >= CHUNK_BYTES:
            async with database.read() as connection:
                await stage_chunk(connection, import_id, place, bytes(piece))
            place += 1
            piece.clear()
    if piece:
        async with database.read() as connection:
            await stage_chunk(connection, import_id, place, bytes(piece))
    return Received(size, digest.digest())
