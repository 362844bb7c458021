"""Imports of products: how far one is, and what became of it.

Source: docs/spec/catalog.md#import-and-export.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

ImportFormat = Literal["csv", "ndjson"]
ImportStatus = Literal["queued", "running", "done", "failed"]
MEDIA_TYPES: dict[ImportFormat, str] = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
BODY_BYTES_MAX = 128 * 1024 * 1024
ERRORS_MAX = 1000


class ImportFault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with one row."""

    row: int
    """Number of the row, from 1; the header line of a CSV does not count. 0 for the file as a whole."""
    column: str
    """Name of the column or field; empty for the row as a whole."""
    pointer: str
    """JSON Pointer into the row, such as `/prices/0/base_price`."""
    detail: str
    """What is wrong."""


class ImportRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An import."""

    id: UUID
    """Identifies the import; the price history names it as `source_id`."""
    status: ImportStatus
    """`queued`, `running`, `done`, or `failed`: then nothing has changed."""
    bytes: int
    """Size of what was sent."""
    rows_read: int
    """How many rows have been read so far."""
    created: int | None
    """How many products were created; null unless `done`."""
    changed: int | None
    """How many products were replaced; null unless `done`."""
    unchanged: int | None
    """How many rows say what their product says already; null unless `done`."""
    errors: list[ImportFault]
    """What is wrong, by row; the first 1000."""
    created_by: str
    """Id of who sent it."""
    created_at: datetime
    """When it was sent."""
    finished_at: datetime | None
    """When it was done or failed."""
