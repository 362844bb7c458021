"""The rows of an import, from JSON or CSV: every fault of every row, with its pointer.

Source: docs/spec/commission.md#managing-rates; docs/spec/wire.md#errors.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from quote_service.platform.documents.documents import read_value
from quote_service.platform.documents.exact_documents import convert_exact
from quote_service.platform.documents.exact_json import content_faults, parse_json
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.pricing.commission.rate import rate_faults, rate_in_currency
from quote_service.rulebook.commission_rates.model.rate_records import BULK_ROWS_MAX, RateRow
from quote_service.rulebook.commission_rates.routes.csv_rows import CsvRow, read_csv

# One for each row that an import may have; a body can hold far more, and the answer repeats each.
FAULTS_MAX = BULK_ROWS_MAX
# Twice as many as a row has columns.
_VALUES_MAX = 50 * BULK_ROWS_MAX


def rows_of_json(body: bytes, default_currency: str | None = None) -> list[RateRow]:
    """Read a JSON list of rates; those with amounts that name no currency are in the default one, if there is one.

    Raises:
        Malformed: It is no JSON document.
        Invalid: It is no list, too long, or has rows with faults.
    """
    entries = parse_json(body, values_max=_VALUES_MAX)
    if not isinstance(entries, list):
        raise Invalid.at("", "must be a list of rates")
    _check_count(len(entries))
    return _read((CsvRow(entry, (), "") for entry in entries), default_currency)


def rows_of_csv(body: bytes, default_currency: str | None = None) -> list[RateRow]:
    """Read CSV with a header line (`csv_rows`); a row's faults tell its line too.

    Raises:
        Invalid: It is no CSV in UTF-8, has unknown or repeated columns, is too long, or has rows with faults.
    """
    rows = read_csv(body, BULK_ROWS_MAX)
    _check_count(len(rows))
    return _read(rows, default_currency)


def _check_count(count: int) -> None:
    if count > BULK_ROWS_MAX:
        raise Invalid.at("", f"at most {BULK_ROWS_MAX} rows are taken at once")


def _read(rows: Iterable[CsvRow], default_currency: str | None) -> list[RateRow]:
    read: list[RateRow] = []
    faults: list[Fault] = []
    for index, (value, own_faults, where) in enumerate(rows):
        own = {fault.pointer for fault in own_faults}
        # Where the row itself is broken there is nothing to look at in it.
        row, found = (None, ()) if "" in own else _read_row(value, default_currency)
        # A cell that could not be read is missing now, which is no further fault.
        found = (*own_faults, *(fault for fault in found if fault.pointer not in own))
        faults += [Fault(f"/{index}{fault.pointer}", fault.detail + where) for fault in found]
        if len(faults) >= FAULTS_MAX:
            break
        if row is not None:
            read.append(row)
    if faults:
        raise Invalid.because(tuple(faults[:FAULTS_MAX]))
    return read


def _read_row(value: Any, default_currency: str | None) -> tuple[RateRow | None, tuple[Fault, ...]]:
    row = read_plain_row(value)
    if row is None:
        try:
            row = read_value(value, RateRow)
        except Invalid as refused:
            return None, refused.faults
    row = rate_in_currency(row, default_currency)
    return row, rate_faults(row)


def read_plain_row(value: Any) -> RateRow | None:
    """A row as `read_value` reads it, five times as fast; None for one that has a fault or an unusual time.

    Thousands of rows are nearly always without a fault, and finding every fault is what takes long.
    """
    if not isinstance(value, dict) or any(content_faults(value)):
        return None
    for name in ("effective_from", "effective_to"):
        instant = value.get(name)
        # In UTC and no finer than microseconds: others have to be looked at twice.
        if instant is not None and not (isinstance(instant, str) and instant[-1:] == "Z" and len(instant) <= 27):
            return None
    try:
        return convert_exact(value, RateRow)
    except msgspec.ValidationError:
        return None
