"""The forms of an answer that every resource has: one object, and a page of a list.

Source: docs/spec/wire.md#paths-and-envelopes; docs/spec/wire.md#lists.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from litestar import Response

from quote_service.platform.documents.documents import envelope, list_envelope
from quote_service.platform.http.cursors import Page, write_cursor
from quote_service.platform.http.etags import etag_header

JSON = "application/json"
Row = TypeVar("Row")


def one_answer(data: Any, message: str, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """One object: 200."""
    return Response(envelope(data, message), status_code=200, media_type=JSON, headers=dict(headers or {}))


def tagged_answer(data: Any, message: str, object_id: object, version: int) -> Response[bytes]:
    """One object with its strong ETag, for a later If-Match: 200."""
    return one_answer(data, message, etag_header(str(object_id), version))


def page_answer(
    page: Page[Any, Any],
    name: str,
    rows: Sequence[Row],
    key: Callable[[Row], tuple[Any, ...]],
    shown: Callable[[Row], Any] | None = None,
) -> Response[bytes]:
    """A page of a list: 200.

    Args:
        page: What was asked for.
        name: Of the list; a cursor of another list is refused.
        rows: One more than the page holds, where there are more.
        key: What the next page starts after, of the last row.
        shown: What is shown of a row, where that is not the row itself.
    """
    cursor = write_cursor(name, key(rows[page.limit - 1])) if len(rows) > page.limit else None
    reported: Sequence[Any] = rows[: page.limit]
    return Response(list_envelope(reported if shown is None else map(shown, reported), cursor), media_type=JSON)
