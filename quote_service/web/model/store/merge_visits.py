"""What somebody changes on a page that shows the basket as it was, put into the basket as it is.

Two tabs show one basket, and either may be older than the other.

Source: docs/spec/store.md#basket.
"""

from msgspec.structs import replace

from quote_service.web.model.store.visit import LINES_MAX, Visit, VisitLine

_NOBODY = bytes(16)


def as_seen(visit: Visit) -> Visit:
    """What a page may hold of the visit that it shows: all but its secret, which scripts must not see."""
    return replace(visit, secret=_NOBODY)


def merge_visits(now: Visit, seen: Visit, wanted: Visit) -> Visit:
    """The visit of now, with what differs between the one that was seen and the one that is wanted.

    Args:
        now: As the browser keeps it.
        seen: As the page showed it.
        wanted: As the page would have it; what it holds as it was seen is nobody's wish.
    """
    merged = replace(now, lines=_lines(now, seen, wanted))
    if (wanted.country, wanted.city, wanted.district) != (seen.country, seen.city, seen.district):
        merged = replace(merged, country=wanted.country, city=wanted.city, district=wanted.district)
    if wanted.coupon != seen.coupon:
        merged = replace(merged, coupon=wanted.coupon)
    if wanted.is_express != seen.is_express:
        merged = replace(merged, is_express=wanted.is_express)
    return merged


def _lines(now: Visit, seen: Visit, wanted: Visit) -> list[VisitLine]:
    before, after, lines = _quantities(seen), _quantities(wanted), _quantities(now)
    for key in before | after:
        quantity = after.get(key, 0)
        if quantity != before.get(key, 0):
            lines[key] = quantity
    return [VisitLine(*key, quantity) for key, quantity in lines.items() if quantity][:LINES_MAX]


def _quantities(visit: Visit) -> dict[tuple[bytes, bytes | None], int]:
    return {(line.product, line.variant): line.quantity for line in visit.lines}
