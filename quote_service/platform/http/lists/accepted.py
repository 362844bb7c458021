"""In which form rows are wanted: `format`, or else what `Accept` names.

Source: docs/spec/wire.md#lists.
"""

from typing import Literal

from quote_service.platform.http.parts import AnyRequest

Format = Literal["json", "csv", "ndjson"]
MEDIA_TYPES: dict[Format, str] = {"json": "application/json", "csv": "text/csv", "ndjson": "application/x-ndjson"}


def format_of(request: AnyRequest, given: Format | None) -> Format:
    """`given`, or else the one that `Accept` names if it does not name JSON."""
    if given is not None:
        return given
    accepted = request.headers.getall("accept", [])
    named = {part.partition(";")[0].strip().lower() for line in accepted for part in line.split(",")}
    if MEDIA_TYPES["json"] in named:
        return "json"
    return next((form for form, media_type in MEDIA_TYPES.items() if media_type in named), "json")
