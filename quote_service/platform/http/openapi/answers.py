"""What an operation answers when nothing is wrong.

Source: docs/spec/operations.md#api-description.
"""

from typing import Any

from quote_service.platform.documents.csv_cells import csv_lines
from quote_service.platform.documents.documents import row_line
from quote_service.platform.http.openapi.described import Described, Form

# Answers that are no JSON are text as far as a schema can say.
_TEXTS: dict[Form, tuple[str, str]] = {
    "page": ("text/html", "An HTML page."),
    "text": ("text/plain", "Plain text."),
    "events": ("text/event-stream", "A stream of server-sent events."),
    "csv": ("text/csv", "CSV with a header line."),
}
_SUCCESS = {"const": True, "description": "Always `true`; a failure is a problem document."}
_MESSAGE = {"type": "string", "description": "What was done, in words."}
_TOTAL = {
    "type": "object",
    "description": "How many results there are on all pages; only where `total=true` asks for it.",
    "properties": {
        "count": {"type": "integer", "description": "Number of results."},
        "is_exact": {"type": "boolean", "description": "Whether there are exactly so many; otherwise there are more."},
    },
    "required": ["count", "is_exact"],
}
_PAGE_EXAMPLE = '<!doctype html><html lang="en"><title>Quote service API</title></html>'


def success_of(described: Described, schemas: dict[int, Any]) -> dict[str, Any]:
    """The answer with its headers, its media types and an example of each.

    Args:
        told: What the route answers.
        schemas: Of each type of an answer, by the id of the type.
    """
    headers = {
        name: {"schema": {"type": "string"}, "description": meaning}
        for name, meaning in {
            "X-Request-ID": "Id of the request, as it stands in the logs.",
            **described.headers,
        }.items()
    }
    if described.repeatable:
        headers["Idempotent-Replayed"] = {
            "schema": {"const": "true"},
            "description": "This is the stored response of an earlier request with the same key.",
        }
    if described.form == "nothing":
        return {"description": "No content.", "headers": headers}
    if described.form in _TEXTS:
        media_type, description = _TEXTS[described.form]
        content = {media_type: content_of({"type": "string"}, described.answer_example or _PAGE_EXAMPLE)}
        return {"description": description, "headers": headers, "content": content}
    if described.form == "rows":
        content = {
            media_type: content_of({"type": "string"}, text) for media_type, text in described.answer_example.items()
        }
        return {"description": "One row a line.", "headers": headers, "content": content}
    data = schemas[id(described.answer)] if described.answer is not None else {}
    example = described.answer_example
    if described.form == "one":
        schema = _object(success=_SUCCESS, message=_MESSAGE, data=_meant(data, "The result."))
        shown: Any = {"success": True, "message": described.message, "data": example}
    elif described.form == "list":
        rows = {"type": "array", "items": data, "description": "The results on this page."}
        cursor = {"type": ["string", "null"], "description": "Cursor of the next page; null on the last page."}
        schema = _object(success=_SUCCESS, data=rows, next_cursor=cursor)
        shown = {"success": True, "data": [example], "next_cursor": None}
        if described.listed is not None:
            previous = {**cursor, "description": "Cursor of the previous page; null on the first page."}
            schema = _object(success=_SUCCESS, data=rows, next_cursor=cursor, previous_cursor=previous)
            schema["properties"]["total"] = _TOTAL
            shown = {**shown, "previous_cursor": None}
    else:
        schema, shown = data, example
    content = {"application/json": content_of(schema, None if example is None else shown)}
    content |= {media_type: content_of({"type": "string"}, text) for media_type, text in described.also.items()}
    if described.listed is not None:
        files = {"text/csv": csv_lines([[*example], [*example.values()]]), "application/x-ndjson": row_line(example)}
        content |= {each: content_of({"type": "string"}, lines.decode()) for each, lines in files.items()}
    return {
        "description": described.message if described.form == "one" else "OK",
        "headers": headers,
        "content": content,
    }


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def _meant(schema: dict[str, Any], meaning: str) -> dict[str, Any]:
    return {**schema, "description": meaning}


def content_of(schema: Any, example: Any) -> dict[str, Any]:
    """A body of one media type; with an example, if there is one."""
    return {"schema": schema} if example is None else {"schema": schema, "example": example}
