"""Products as lines of CSV or NDJSON, such that what is written reads back as it was.

A CSV (RFC 4180, UTF-8, a header line) has one column a field; `tags`, `attributes`, `prices` and `variants` are JSON in one cell,
and an empty cell is a field that is left out. A text that a spreadsheet would take for a formula is written with an apostrophe
before it, and one leading apostrophe is taken off when it is read.

Source: docs/spec/catalog.md#import-and-export.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from quote_service.platform.documents.documents import read_value
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.system.errors import Fault, Invalid, Malformed
from quote_service.shop.catalog.model.imports import ImportFault, ImportFormat
from quote_service.shop.catalog.model.prices import PriceRecord
from quote_service.shop.catalog.model.product_rows import product_faults
from quote_service.shop.catalog.model.products import ProductDraft, ProductRecord

COLUMNS = (
    "sku", "name", "description", "category_id", "seller_id", "is_active", "weight", "tags", "attributes", "prices", "variants",
)  # fmt: skip
_TEXTS = ("sku", "name", "description")
_DOCUMENTS = ("tags", "attributes", "prices", "variants")
_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠'")
_PRICE_FIELDS = ("base_price", "min_price", "cost_price", "max_price")
RECORD_BYTES_MAX = 1024 * 1024


class RowSplitter:
    """Cuts what comes in pieces into rows; of a CSV a row may span lines, within quotes."""

    def __init__(self, form: ImportFormat) -> None:
        self._is_csv = form == "csv"
        self._rest = b""
        self._open = b""
        self._is_first = True

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The rows that have ended by now, without those that are blank.

        Raises:
            Invalid: A row is past all bounds.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            yield from self._line(line + b"\n")
        if len(self._rest) + len(self._open) > RECORD_BYTES_MAX:
            raise Invalid.at("", f"has more than {RECORD_BYTES_MAX} bytes")

    def end(self) -> Iterator[bytes]:
        """The last row, where no line end follows it."""
        rest, self._rest = self._rest, b""
        yield from self._line(rest)
        if self._open:
            yield self._open

    def _line(self, line: bytes) -> Iterator[bytes]:
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        self._open += line
        if self._is_csv and self._open.count(b'"') % 2:
            return
        row, self._open = self._open, b""
        if row.strip():
            yield row


class RowReader:
    """Reads rows one by one; of a CSV the first is the header."""

    def __init__(self, form: ImportFormat) -> None:
        self._is_csv = form == "csv"
        self._header: list[str] | None = None
        self.number = 0

    def read(self, row: bytes) -> ProductDraft | list[ImportFault] | None:
        """The draft in a row, or everything that is wrong with it; None for a header.

        Raises:
            Invalid: The header is none.
        """
        if self._is_csv and self._header is None:
            self._header = _read_header(_cells(row))
            return None
        self.number += 1
        try:
            draft = read_value(self._value(row), ProductDraft)
            faults = product_faults(draft)
        except Malformed as refused:
            faults = (Fault("", refused.detail.replace("the body", "the row")),)
        except Invalid as refused:
            faults = refused.faults
        return [import_fault(self.number, fault) for fault in faults] if faults else draft

    def _value(self, row: bytes) -> Any:
        if self._header is None:
            return parse_json(row)
        cells = _cells(row)
        if len(cells) != len(self._header):
            raise Invalid.at("", f"has {len(cells)} cells where the header has {len(self._header)}")
        value: dict[str, Any] = {}
        for name, cell in zip(self._header, cells, strict=True):
            if cell:
                value[name] = _read_cell(name, cell)
        return value


def import_fault(row: int, fault: Fault) -> ImportFault:
    """A fault of a row, with the column that it is in."""
    column = fault.pointer.removeprefix("/").partition("/")[0]
    return ImportFault(row=row, column=column, pointer=fault.pointer, detail=fault.detail)


def header_row(form: ImportFormat) -> bytes:
    """What an export begins with."""
    return ",".join(COLUMNS).encode() + b"\r\n" if form == "csv" else b""


def write_row(product: ProductRecord, form: ImportFormat) -> bytes:
    """A product as one row of an export."""
    document = draft_document(product)
    if form == "ndjson":
        return json_literal(document).encode() + b"\n"
    line = io.StringIO(newline="")
    csv.writer(line).writerow([_write_cell(name, document[name]) for name in COLUMNS])
    return line.getvalue().encode()


def draft_document(product: ProductRecord) -> dict[str, Any]:
    """The document that, written again, changes nothing."""
    return {
        **{name: getattr(product, name) for name in COLUMNS if name not in ("prices", "variants")},
        "prices": [_price_document(price, own=(*_PRICE_FIELDS, "current_price")) for price in product.prices],
        "variants": [
            {
                "sku": variant.sku,
                "name": variant.name,
                "attributes": variant.attributes,
                "prices": [_price_document(price, own=tuple(price.own)) for price in variant.prices if price.own],
            }
            for variant in product.variants
        ],
    }


def _price_document(price: PriceRecord, own: tuple[str, ...]) -> dict[str, Any]:
    given = {name: getattr(price, name) for name in _PRICE_FIELDS if name in own}
    # A price that is not the variant's own is null: left out, it would stay whatever it is.
    current = price.current_price if "current_price" in own else None
    document = {"currency": price.currency, **given, "current_price": current}
    return {name: value for name, value in document.items() if value is not UNSET}


def _cells(row: bytes) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(row.decode("utf-8"), newline=""), strict=True), [])
    except UnicodeDecodeError as broken:
        raise Invalid.at("", f"is not UTF-8 at byte {broken.start}") from None
    except csv.Error as broken:
        raise Invalid.at("", f"is no CSV: {broken}") from None


def _read_header(header: list[str]) -> list[str]:
    faults = [Fault(f"/{name[:100]}", "is no column") for name in header if name not in COLUMNS]
    faults += [Fault(f"/{name}", "stands twice") for name in COLUMNS if header.count(name) > 1]
    faults += [Fault(f"/{name}", "is missing") for name in ("sku", "name") if name not in header]
    if faults:
        raise Invalid.because(tuple(faults))
    return header


def _read_cell(name: str, cell: str) -> Any:
    if name in _TEXTS:
        return cell.removeprefix("'")
    if name == "is_active":
        return {"true": True, "false": False}.get(cell.lower(), cell)
    if name in _DOCUMENTS:
        try:
            return parse_json(cell.encode("utf-8", "replace"))
        except Malformed as refused:
            raise Invalid.at(f"/{name}", refused.detail.replace("the body", "the cell")) from None
    return cell


def _write_cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in _DOCUMENTS:
        return json_literal(value)
    if name in _TEXTS:
        text: str = value
        return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
    if name == "is_active":
        return "true" if value else "false"
    return str(value)
