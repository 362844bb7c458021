"""Reports as CSV (RFC 4180, UTF-8, a header line): one row a group, and what the JSON answer says once on every row.

Amounts and rates are those of the JSON answer; what is null there is empty.

Source: docs/spec/analytics.md#csv.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from quote_service.platform.documents.spreadsheet_text import spreadsheet_text
from quote_service.platform.system.instants import instant_text, to_micros
from quote_service.steering.analytics.model.reports.answers import CommissionReport, Freshness, PricingReport
from quote_service.steering.analytics.model.reports.commission import CommissionFigures
from quote_service.steering.analytics.model.reports.flags import FlagDay, FlagsReport, FlagVariant
from quote_service.steering.analytics.model.reports.honoured import (
    HonouredChange,
    HonouredFigures,
    HonouredOthers,
    HonouredReport,
)
from quote_service.steering.analytics.model.reports.pricing import PricingFigures
from quote_service.steering.analytics.model.reports.products import ProductFigures, ProductReport

_SAID = ("time_zone", "from", "to", "quotes_until", "orders_until", "exact_since")
_FLAG_COLUMNS = ("flag", "variant", "day", "answers", "share", "issued", "accepted", "conversion_rate", "orders")
_HONOURED_SAID = ("time_zone", "from", "to", "compared_until")
_Row = Iterable[object]
_PLAIN = frozenset({int, Decimal, type(None)})


def groups_csv(report: PricingReport | CommissionReport) -> bytes:
    """Totals, groups and what is left of each currency."""
    figures = PricingFigures if isinstance(report, PricingReport) else CommissionFigures
    keys = [group for group in report.group_by if group != "currency"]
    said = _said(report.time_zone, report.from_, report.to, report.freshness)
    rows: list[_Row] = [("currency", "row", *keys, *_names(figures), *_SAID)]
    for block in report.currencies:
        rows.append((block.currency, "total", *[""] * len(keys), *_values(block.totals), *said))
        for name, groups in (("group", block.groups), ("others", block.others)):
            rows += [
                (block.currency, name, *(group.keys.get(key) for key in keys), *_values(group.figures), *said)
                for group in groups
            ]
    return _lines(rows)


def flags_csv(report: FlagsReport) -> bytes:
    """One row a variant, and one a day of it; the row of the variant itself has no day."""
    said = _said(report.time_zone, report.from_, report.to, report.freshness)
    rows: list[_Row] = [(*_FLAG_COLUMNS, *_SAID)]
    for flag in report.flags:
        for variant in flag.variants:
            named = (flag.flag, variant.variant)
            rows.append((*named, "", *_of_variant(variant), *said))
            rows += [(*named, day.day, *_of_variant(day), *said) for day in variant.days]
    return _lines(rows)


def product_csv(report: ProductReport) -> bytes:
    """Totals and days of each currency."""
    said = _said(report.time_zone, report.from_, report.to, report.freshness)
    rows: list[_Row] = [("product_id", "currency", "row", "day", *_names(ProductFigures), *_SAID)]
    for block in report.currencies:
        named = (report.product_id, block.currency)
        rows.append((*named, "total", "", *_values(block.totals), *said))
        rows += [(*named, "day", each.day, *_values(each.figures), *said) for each in block.days]
    return _lines(rows)


def honoured_csv(report: HonouredReport) -> bytes:
    """Totals of each currency, the changes that made them, and what is left."""
    said = (report.time_zone, report.from_, report.to, report.freshness.compared_until)
    columns = [*_names(HonouredFigures)]
    rows: list[_Row] = [("currency", "row", "kind", "key", "quotes", *columns, *_HONOURED_SAID)]

    def made(
        row: str, kind: str, key: str | None, quotes: int | None, reported: HonouredChange | HonouredOthers
    ) -> _Row:
        figures = {"difference": reported.difference, "commission_difference": reported.commission_difference}
        return (block.currency, row, kind, key, quotes, *(figures.get(name) for name in columns), *said)

    for block in report.currencies:
        rows.append((block.currency, "total", "", "", "", *_values(block.figures), *said))
        rows += [made("change", each.kind, each.key, each.quotes, each) for each in block.changes]
        if block.others is not None:
            rows.append(made("others", "", None, None, block.others))
    return _lines(rows)


def _of_variant(reported: FlagVariant | FlagDay) -> _Row:
    return (
        reported.answers,
        reported.share,
        reported.issued,
        reported.accepted,
        reported.conversion_rate,
        reported.orders,
    )


def _said(time_zone: str, begin: datetime, end: datetime, freshness: Freshness) -> Sequence[object]:
    return (time_zone, begin, end, freshness.quotes_until, freshness.orders_until, freshness.exact_since)


def _names(kind: Any, prefix: str = "") -> Iterator[str]:
    for field in msgspec.structs.fields(kind):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _names(field.type, f"{prefix}{field.encode_name}_")
        else:
            yield f"{prefix}{field.encode_name}"


def _values(figures: msgspec.Struct) -> list[object]:
    values: list[object] = []
    for value in msgspec.structs.astuple(figures):
        if isinstance(value, msgspec.Struct):
            values += _values(value)
        else:
            values.append(value)
    return values


def _lines(rows: Iterable[_Row]) -> bytes:
    lines = io.StringIO(newline="")
    # Most are numbers, which are written as they are; None is written as nothing.
    csv.writer(lines).writerows([value if type(value) in _PLAIN else _shown(value) for value in row] for row in rows)
    return lines.getvalue().encode()


def _shown(value: object) -> object:
    if isinstance(value, datetime):
        return instant_text(to_micros(value))
    if isinstance(value, str):
        return spreadsheet_text(value)
    return "" if value is None else str(value) if isinstance(value, date) else value
