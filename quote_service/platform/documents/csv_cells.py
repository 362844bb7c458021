"""Rows as CSV (RFC 4180, UTF-8): nothing for null, ISO 8601 for times, compact JSON for what has parts.

A text that a spreadsheet would take for a formula has an apostrophe before it.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from quote_service.platform.documents.literals import json_literal
from quote_service.platform.documents.spreadsheet_text import spreadsheet_text
from quote_service.platform.system.instants import instant_text, to_micros

_AS_IT_IS = frozenset({int, Decimal, UUID})


def csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """A line for each row."""
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows([_cell(value) for value in row] for row in rows)
    return lines.getvalue().encode()


def _cell(value: Any) -> object:
    if value is None or value is msgspec.UNSET:
        return ""
    if isinstance(value, str):
        return spreadsheet_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, datetime):
        return instant_text(to_micros(value))
    return value.isoformat() if isinstance(value, date) else json_literal(value)
