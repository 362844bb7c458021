"""A document of the API as text to read, each number with its own digits."""

from typing import Any

import msgspec

from quote_service.platform.documents.documents import write_document


def json_text(value: Any) -> str:
    """The document, two spaces a level."""
    return msgspec.json.format(write_document(value), indent=2).decode()
