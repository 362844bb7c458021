"""What a signal goes by, as it is kept with it.

Source: docs/spec/signals.md#signals.
"""

from decimal import Decimal
from uuid import UUID

from quote_service.intelligence.signals.model.detection.found import Found, Point, Turn
from quote_service.intelligence.signals.model.signals import Evidence, Role
from quote_service.intelligence.signals.tables.raised import Matter
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import FACTOR_PLACES
from quote_service.platform.system.instants import from_micros
from quote_service.shop.catalog.model.prices import price_number


def evidence_of(found: Found, matter: Matter) -> list[Evidence]:
    """The prices that a signal about prices goes by."""
    currency = matter.currency or ""
    if found.turns:
        return [_turn(turn, matter) for turn in found.turns]
    reported = [] if found.before is None else [_price("before", found.before, matter)]
    if found.now is not None:
        reported.append(_price("now", found.now, matter, ", ".join(found.reasons) or None))
    if found.expected_micro is not None:
        reported.append(Evidence(role="expected", subject="observation", value=_amount(found.expected_micro, currency)))
    reported += [
        Evidence(role="compared", subject="observation", value=_amount(micro, currency))
        for micro in found.compared_micro
    ]
    return reported


def _price(role: Role, point: Point, matter: Matter, detail: str | None = None) -> Evidence:
    return Evidence(
        role=role,
        subject="price_move" if matter.listing_id is None else "observation",
        id=point.id or None,
        listing_id=matter.listing_id,
        competitor_id=matter.competitor_id,
        at=from_micros(point.at_us),
        value=_amount(point.micro, matter.currency or ""),
        detail=detail,
    )


def _turn(turn: Turn, matter: Matter) -> Evidence:
    return Evidence(
        role="undercut",
        subject="price_move" if turn.listing_id is None else "observation",
        id=turn.point.id,
        listing_id=None if turn.listing_id is None else UUID(turn.listing_id),
        competitor_id=None if turn.competitor_id is None else UUID(turn.competitor_id),
        at=from_micros(turn.point.at_us),
        value=_amount(turn.point.micro, matter.currency or ""),
    )


def _amount(micro: int, currency: str) -> ExactNumber:
    return price_number(Decimal(micro).scaleb(-FACTOR_PLACES), currency)
