"""Commission rates as CSV (RFC 4180, UTF-8, a header line), such that what is written reads back as it was.

An empty cell is a value that is not given. `tiers` and `split` are compact JSON in one cell. A spreadsheet takes a text
that starts with a sign such as `=` for a formula: such a text is written with an apostrophe before it, which is also
how a spreadsheet itself marks text, and one leading apostrophe is taken off when it is read. A text that starts with an
apostrophe is therefore written with two. Numbers and times are no texts in this sense: they cannot hold a formula.

What is written has commas between cells. Where a comma is the decimal sign, spreadsheets write semicolons: such a file is
read too, told by its header line. Its numbers must have points all the same: whether `1,234` means a thousand or little
more than one cannot be distinguished from the file, and is refused rather than guessed.

Source: docs/spec/commission.md#managing-rates.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from quote_service.platform.documents.exact_json import below, parse_json
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.system.errors import Fault, Invalid, Malformed
from quote_service.platform.system.instants import instant_text, to_micros
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord

COLUMNS = (
    "id",
    "commission_type",
    "seller_id",
    "category_id",
    "logistics_provider",
    "rate",
    "min_amount",
    "max_amount",
    "tiers",
    "scope",
    "split",
    "currency",
    "region",
    "effective_from",
    "effective_to",
    "is_active",
    "priority",
    "on_refund",
)
# What only exports have; an import passes over it.
_SHOWN = {"updated_at": "changed_at"}
_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠'")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_BOM = "\ufeff"
_HEADER_LENGTH_MAX = 4096
_WITH_COMMA = re.compile(r"[+-]?[0-9][0-9., ']*,[0-9., ']*", re.ASCII)


class CsvRow(NamedTuple):
    """One row on its way in: plain values, faults found already (pointers from the row), and where it stood."""

    value: Any
    faults: tuple[Fault, ...]
    where: str


def csv_header() -> bytes:
    """The first line of an export."""
    return ",".join((*COLUMNS, *_SHOWN)).encode() + b"\r\n"


def write_csv(rates: Iterable[RateRecord]) -> bytes:
    """Rates as lines of an export."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerows(
        [
            *(_cell(name, getattr(rate, name)) for name in COLUMNS),
            *(_cell(name, getattr(rate, of)) for name, of in _SHOWN.items()),
        ]
        for rate in rates
    )
    return lines.getvalue().encode()


def read_csv(body: bytes, rows_max: int) -> list[CsvRow]:
    """Read the lines of an import; stops behind `rows_max`, with one row too many.

    Raises:
        Invalid: It is no CSV in UTF-8 with commas or semicolons, or has no header, an unknown column, or one twice.
    """
    try:
        text = body.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as broken:
        raise Invalid.at("", f"is not UTF-8 at byte {broken.start}") from None
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_separator_of(text))
    rows: list[CsvRow] = []
    try:
        header = _read_header(next(lines, []))
        for cells in lines:
            if cells:
                rows.append(_read_row(header, cells, lines.line_num))
            if len(rows) > rows_max:
                break
    except csv.Error as broken:
        raise Invalid.at("", f"is not valid CSV at line {lines.line_num}: {broken}") from None
    return rows


def _separator_of(text: str) -> str:
    """What stands between the names of the header line, which hold neither sign themselves."""
    first = text[:_HEADER_LENGTH_MAX].lstrip("\r\n").splitlines()[:1]
    header = first[0] if first else ""
    if "\t" in header and "," not in header and ";" not in header:
        raise Invalid.at("/header", "has tabs between its columns; use commas or semicolons")
    return ";" if ";" in header and "," not in header else ","


def _read_header(header: list[str]) -> list[str]:
    if not header:
        raise Invalid.at("/header", f"must start with a header line of the columns {', '.join(COLUMNS)}")
    known = (*COLUMNS, *_SHOWN)
    if len(header) > 2 * len(known):
        raise Invalid.at("/header", f"has {len(header)} columns where there are {len(known)}")
    faults = [Fault(below("/header", name), "is not a known column") for name in header if name not in known]
    faults += [Fault(f"/header/{name}", "is given more than once") for name in known if header.count(name) > 1]
    if faults:
        raise Invalid.because(tuple(faults))
    return header


def _read_row(header: list[str], cells: list[str], line: int) -> CsvRow:
    where = f" (line {line})"
    if len(cells) != len(header):
        return CsvRow({}, (Fault("", f"has {len(cells)} cells where the header has {len(header)}"),), where)
    faults: list[Fault] = []
    row = {}
    for name, cell in zip(header, cells, strict=True):
        if cell == "" or name in _SHOWN:
            continue
        try:
            row[name] = _READERS.get(name, _as_it_is)(cell)
        except Malformed as refused:
            faults.append(Fault(f"/{name}", refused.detail.replace("the body", "the cell")))
    return CsvRow(row, tuple(faults), where)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("tiers", "split"):
        return json_literal(value)
    if name in ("effective_from", "effective_to", *_SHOWN):
        return instant_text(to_micros(value))
    if name in ("logistics_provider", "region"):
        text: str = value
        return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
    if name == "is_active":
        return "true" if value else "false"
    return str(value)


def _as_it_is(cell: str) -> str:
    return cell


def _text(cell: str) -> str:
    return cell.removeprefix("'")


def _flag(cell: str) -> bool | str:
    # Spreadsheets write TRUE.
    return {"true": True, "false": False}.get(cell.lower(), cell)


def _number(cell: str) -> str:
    if _WITH_COMMA.fullmatch(cell):
        raise Malformed("has a comma: write numbers with a decimal point and nothing between thousands, such as 1234.5")
    return cell


def _whole_number(cell: str) -> int | str:
    return int(cell) if _WHOLE_NUMBER.fullmatch(cell) else cell


def _json(cell: str) -> Any:
    return parse_json(cell.encode("utf-8", "replace"))


_READERS: dict[str, Callable[[str], Any]] = {
    "rate": _number,
    "min_amount": _number,
    "max_amount": _number,
    "logistics_provider": _text,
    "region": _text,
    "tiers": _json,
    "split": _json,
    "is_active": _flag,
    "priority": _whole_number,
}
