"""Feeds: CSV and TSV, one JSON document a line, and the XML of Google Merchant Center (RSS 2.0 and Atom).

Source: docs/spec/competitors.md#feeds.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal
from xml.parsers import expat

import msgspec

from quote_service.intelligence.competitors.model.reading.lenient_json import read_json
from quote_service.intelligence.competitors.model.reading.read_page import decoded
from quote_service.intelligence.competitors.model.reading.read_rows import RowsRead, read_rows, with_statuses, within
from quote_service.intelligence.competitors.model.retry_after import retry_after_seconds

FeedFormat = Literal["csv", "ndjson", "google_xml"]
_CELL_MAX = 100_000
_COLUMNS_MAX = 1000
_ITEMS = ("item", "entry")
_CHARSET = re.compile(r"charset\s*=", re.IGNORECASE)


class FeedJob(msgspec.Struct, frozen=True, kw_only=True, tag="feed"):
    """A feed to be read."""

    body: bytes
    content_type: str
    format: FeedFormat
    currency: str | None = None
    country: str | None = None
    fields: dict[str, str] = {}
    at: datetime | None = None


class ItemsJob(msgspec.Struct, frozen=True, kw_only=True, tag="items"):
    """A JSON answer to be read: its items stand at `path`, or it is one itself where there is none.

    Where items have an HTTP status of their own, it stands at `status` within each, and their headers at `headers`.
    """

    body: bytes
    path: str = ""
    status: str = ""
    headers: str = ""
    currency: str | None = None
    country: str | None = None
    fields: dict[str, str] = {}
    at: datetime | None = None


class UnreadableFeed(ValueError):
    """It is not what it should be; says why."""


def read_feed(job: FeedJob) -> RowsRead:
    """The offers of a feed.

    Raises:
        UnreadableFeed: It is not in its format.
    """
    if job.format == "google_xml":
        return read_rows(_xml_rows(job.body), job.fields, job.currency, job.at, job.country)
    text = _decoded(job.body, job.content_type)
    rows = _csv_rows(text) if job.format == "csv" else _json_rows(text)
    return read_rows(rows, job.fields, job.currency, job.at, job.country)


def _decoded(body: bytes, content_type: str) -> str:
    """As pages are; what says nothing of its encoding and is not UTF-8 is what spreadsheets write in the west."""
    text = decoded(body, content_type)
    broken = text.count("\ufffd")
    if not broken or _CHARSET.search(content_type):
        return text
    # Of a long feed a letter may be broken that is UTF-8 everywhere else.
    others = len(text) - len(text.encode("ascii", "ignore")) - broken
    return text if others > broken else body.decode("cp1252", "replace")


def read_items(job: ItemsJob) -> RowsRead:
    """The offers of a JSON answer.

    Raises:
        UnreadableFeed: It is no JSON, or nothing stands at the path.
    """
    try:
        document = read_json(job.body.decode("utf-8", "replace"))
    except ValueError as refused:
        raise UnreadableFeed(str(refused)) from None
    found = within(document, job.path) if job.path else document
    items = found if isinstance(found, list) else [found]
    rows = [(f"item {index}", item) for index, item in enumerate(items, 1) if isinstance(item, Mapping)]
    if not rows and not (isinstance(found, list) and not found):
        raise UnreadableFeed(f"there are no items at {job.path or 'the top'}")
    statuses = {place: status for place, item in rows if (status := _status_of(item, job.status)) is not None}
    answered = [(place, item) for place, item in rows if place not in statuses]
    waits = [_wait_of(item, job) for place, item in rows if place in statuses]
    read = read_rows(answered, job.fields, job.currency, job.at, job.country)
    return with_statuses(read, statuses, max(waits, default=0.0))


def _wait_of(item: Mapping[str, Any], job: ItemsJob) -> float:
    """How long an item that was not answered asks to wait."""
    headers = within(item, job.headers) if job.headers else None
    return retry_after_seconds(headers, job.at) if isinstance(headers, Mapping) and job.at is not None else 0.0


def _status_of(item: Mapping[str, Any], path: str) -> int | None:
    """The HTTP status of an item that was not answered; None for one that was, or says nothing."""
    status = within(item, path) if path else None
    is_refused = isinstance(status, int) and not isinstance(status, bool) and not 200 <= status <= 299
    return status if is_refused else None


def _csv_rows(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    csv.field_size_limit(_CELL_MAX)
    if text[:4].lower() == "sep=":  # what Excel is told of the delimiter
        text = text.partition("\n")[2]
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = reader.fieldnames or ()
        if len(columns) > _COLUMNS_MAX:  # each row has all of them, be it as short as it may
            raise UnreadableFeed(f"it has more than {_COLUMNS_MAX} columns")
        counted = Counter(_column(name) for name in columns if name.strip())
        if twice := sorted(name for name, count in counted.items() if count > 1):
            raise UnreadableFeed(f"more than one of its columns is called {twice[0][:100]}")
        for number, row in enumerate(reader, 2):
            yield f"row {number}", {_column(name or ""): cell for name, cell in row.items()}
    except csv.Error as refused:
        raise UnreadableFeed(f"it is no CSV: {refused}") from None


def _column(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _json_rows(text: str) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = read_json(line)
        except ValueError:
            row = None
        yield f"row {number}", row if isinstance(row, dict) else None


def _xml_rows(body: bytes) -> list[tuple[str, Mapping[str, Any]]]:
    items = _Items()
    parser = expat.ParserCreate(namespace_separator=" ")
    # A declared entity could be made of a million others, or of a file: feeds have none.
    parser.EntityDeclHandler = items.refuse_entity
    parser.StartElementHandler = items.begin
    parser.EndElementHandler = items.end
    parser.CharacterDataHandler = items.text
    try:
        parser.Parse(body, True)
    except expat.ExpatError as refused:
        raise UnreadableFeed(f"it is no XML: {refused}") from None
    return [(f"item {number}", item) for number, item in enumerate(items.found, 1)]


class _Items:
    """The elements of each item by their local name; those of Atom's links by their `href`."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self._item: dict[str, Any] | None = None
        self._group: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []

    def refuse_entity(self, *_: object) -> None:
        raise UnreadableFeed("it declares entities")

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2].lower()
        if self._item is None:
            if local in _ITEMS:
                self._item, self._path = {}, []
            return
        self._path.append(local)
        self._text = []
        if len(self._path) == 1:
            self._group = {}
        if local == "link" and "href" in attributes:
            self._item.setdefault("link", attributes["href"])

    def end(self, name: str) -> None:
        if self._item is None:
            return
        if not self._path:
            self.found.append(self._item)
            self._item = None
            return
        local = self._path.pop()
        text = "".join(self._text).strip()
        self._text = []
        if self._path == ["shipping"]:  # a group that stands there once for each country, region and service
            self._group[local] = text[:_CELL_MAX]
        elif local == "shipping" and not self._path and self._group:
            self._item.setdefault(local, []).append(self._group)
        elif text:
            self._item.setdefault("_".join((*self._path[-1:], local)), text[:_CELL_MAX])

    def text(self, part: str) -> None:
        if self._item is not None:
            self._text.append(part)
