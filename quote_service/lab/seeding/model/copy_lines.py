"""A row as PostgreSQL's COPY takes it: text, values apart by tabs.

Source: PostgreSQL 18, COPY, "Text Format"; bytea, "Escape Format", which is half as long as the hexadecimal one.
"""

from collections.abc import Iterable
from typing import Final

_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_line(values: Iterable[str | int | bytes | None]) -> str:
    """The line of a row; bytes are UTF-8 without a zero, which `bytea` takes as they are but for backslashes."""
    return "\t".join([_text(value) for value in values]) + "\n"


def _text(value: str | int | bytes | None) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        value = value.decode().replace("\\", "\\\\")
    return value.translate(_ESCAPED) if isinstance(value, str) else str(value)
