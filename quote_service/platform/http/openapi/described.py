"""What a route takes and gives, for the OpenAPI document: worked out of the handler's signature (platform/http/endpoints).

The types are the very structs that decode and encode. Summary and description are the handler's docstring.

Source: docs/spec/operations.md#api-description.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from quote_service.platform.system.errors import QuoteServiceError

# The headers of every answer with a resource that has versions.
VERSIONED: Mapping[str, str] = {"ETag": "The version; send it back in If-Match."}
Form = Literal["one", "list", "document", "page", "csv", "rows", "text", "events", "nothing"]


class Refused(NamedTuple):
    """How refusals look where another protocol has its own form for them.

    Attributes:
        answer: The type of their body, which is JSON.
        example: Of the same.
        statuses: What of ours it has another status for.
    """

    answer: Any
    example: Any
    statuses: Mapping[int, int] = {}


class Listed(NamedTuple):
    """What a declared list can be asked for beside its own filters.

    Attributes:
        sorts: Fields to sort by.
        is_searched: Whether its texts can be searched.
        periods: Names of the parameters of each period.
        fields: Those of a row.
    """

    sorts: tuple[str, ...]
    is_searched: bool
    periods: tuple[tuple[str, str], ...]
    fields: tuple[str, ...]


class Described(NamedTuple):
    """What a route takes and gives.

    Attributes:
        body: The type that the request body is decoded as; None for no body.
        body_is_required: Whether the route wants a body at all.
        body_example: A body that works: plain values, Decimals or msgspec.Raw where digits matter.
        body_examples: Bodies of media types other than JSON, as they are sent.
        answer: The type of `data`, or of one row of a list, or of the whole document.
        answer_example: An example of the same; of an answer that is no JSON, the text.
        also: The same answer in other media types than JSON, as the text of an example.
        form: `one` is `{"success", "message", "data"}`, `list` a page of rows, `document` the answer by itself,
            `page` HTML, `csv` lines of text, `rows` lines in one of the media types that `answer_example` has a text for, `text` plain text, `events` server-sent events without end, `nothing` an answer
            without a body (204).
        message: An example of the answer's `message`.
        query: The struct of query parameters; `limit` and `cursor` are added to those of a list.
        listed: What a declared list has besides.
        repeatable: Honours Idempotency-Key.
        key_is_required: Refuses a request without one.
        conditional: Honours If-Match.
        problems: Errors of this route beside those that every route of its kind has.
        headers: Further answer headers by name, with what they mean.
        request_headers: Further request headers by name, with what they mean.
        unchanged: Honours If-None-Match: the answer may be a 304.
        refused: How refusals look, if they are not problem documents.
        tag: The group in the documentation; by default made from the first part of the path after `/api/v1`.
    """

    body: Any = None
    body_is_required: bool = True
    body_example: Any = None
    body_examples: Mapping[str, str] = {}
    answer: Any = None
    answer_example: Any = None
    also: Mapping[str, str] = {}
    form: Form = "one"
    message: str = "Done"
    query: type[msgspec.Struct] | None = None
    listed: Listed | None = None
    repeatable: bool = False
    key_is_required: bool = False
    conditional: bool = False
    problems: tuple[type[QuoteServiceError], ...] = ()
    headers: Mapping[str, str] = {}
    request_headers: Mapping[str, str] = {}
    unchanged: bool = False
    refused: Refused | None = None
    tag: str = ""
