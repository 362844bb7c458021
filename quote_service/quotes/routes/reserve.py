"""A checkout keeps what a quote's price rests on while its customer pays.

Source: docs/spec/reservations.md#reserving.
"""

from contextlib import AbstractAsyncContextManager
from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import Caller
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.http.endpoints.results import Answer
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.settings import Settings
from quote_service.platform.system.concurrency_limiter import AcceptLimiter
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import NotFound, QuoteServiceError
from quote_service.pricing.quote_answer import QuoteDocument
from quote_service.quotes.model.errors import QuoteDiffers, QuoteEnded, QuoteUnknown, QuoteUnreadable
from quote_service.quotes.operations.accept_quote import Offer
from quote_service.quotes.operations.reserve_quote import reserve_quote
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.routes.accept import ACCEPT_ACCESS
from quote_service.quotes.routes.customers import require_sight
from quote_service.quotes.routes.examples import QUOTE_EXAMPLE, RESERVATION_EXAMPLE
from quote_service.quotes.routes.offered import OFFERED, taking
from quote_service.quotes.routes.quotes import READ_ACCESS
from quote_service.quotes.routes.reading.brought_quote import Brought, read_brought
from quote_service.quotes.routes.reservation_bodies import QuoteToReserve, ReservationView, read_seconds, view_of
from quote_service.shop.reservations.model.refusals import QuoteAccepted
from quote_service.shop.reservations.model.reservation import HoldLimits, Reservation
from quote_service.shop.reservations.operations.find_reservation import find_reservation
from quote_service.shop.reservations.operations.hold_quotes import hold_quotes
from quote_service.shop.reservations.operations.release import release
from quote_service.shop.reservations.operations.reservation_meters import REFUSALS, ReservationMeters

_NONE = "There is no reservation of a quote with this id"


def _brought(data: RawBody, quote_id: FromPath[UUID], signer: QuoteSigner) -> Brought:
    return read_brought(data, quote_id, signer, "hold_seconds")


def _hold_seconds(brought: Brought, settings: Settings) -> int:
    return read_seconds(brought.others.get("hold_seconds"), settings.hold_seconds_max)


def _count_reserved(meters: ReservationMeters, made: Answer[ReservationView]) -> None:
    crash_point("after_reserving_commit")
    meters.count(made.noted)


def _limited(limiter: AcceptLimiter) -> AbstractAsyncContextManager[None]:
    return limiter.enter()


def _count_released(meters: ReservationMeters, made: bool) -> None:
    if made:
        meters.count("released")


@post(
    "/{quote_id:uuid}/reserve",
    status_code=200,
    access=ACCEPT_ACCESS,
    body=QuoteToReserve | QuoteDocument,
    body_is_required=False,
    body_example={"hold_seconds": 300, "data": QUOTE_EXAMPLE},
    answer=ReservationView,
    example=RESERVATION_EXAMPLE,
    message="Quote reserved",
    dependencies={"brought": _brought, "hold_seconds": _hold_seconds, **OFFERED},
    within=taking,
    then=_count_reserved,
    problems=(
        QuoteUnknown,
        QuoteEnded,
        QuoteDiffers,
        QuoteUnreadable,
        QuoteAccepted,
        *REFUSALS,
        *OF_LIMITED_WORK,
    ),
    tag="Quotes",
)
async def reserve_issued_quote(
    change: CreatingChange,
    caller: Caller,
    settings: Settings,
    quote_id: FromPath[UUID],
    hold_seconds: int,
    offer: Offer | QuoteServiceError,
    customer_id: str | None,
) -> Answer[ReservationView]:
    """Reserve a quote.

    Holds the units, coupons and budgets that the price rests on until the quote is accepted, released or `held_until` has
    passed. Reserving again holds on from now, and never shorter than before. The body may contain the quote's data as
    issued, as when a quote is accepted.
    """
    reserved, was_held = await reserve_quote(
        change,
        quote_id,
        offer,
        customer_id,
        lambda whose: require_sight(caller, whose),
        hold_seconds=hold_seconds,
        limits=HoldLimits(settings.reservations_per_customer, settings.reserved_units_max),
    )
    crash_point("before_reserving_commit")
    return Answer(view_of(reserved), customer_id=reserved.customer_id, noted="extended" if was_held else "reserved")


@get(
    "/{quote_id:uuid}/reserve",
    access=READ_ACCESS,
    answer=ReservationView,
    example=RESERVATION_EXAMPLE,
    message="Reservation found",
    problems=(NotFound,),
    tag="Quotes",
)
async def read_quote_reservation(connection: Reading, caller: Caller, quote_id: FromPath[UUID]) -> ReservationView:
    """Get a quote's reservation.

    Returns its status and how long it holds. A reservation can be read for a day after it has ended.
    """
    return view_of(_seen(caller, await find_reservation(connection, quote_id)))


@delete(
    "/{quote_id:uuid}/reserve",
    status_code=204,
    access=ACCEPT_ACCESS,
    form="nothing",
    within=_limited,
    then=_count_released,
    problems=(NotFound, QuoteAccepted, *OF_LIMITED_WORK),
    tag="Quotes",
)
async def release_reserved_quote(change: WritingChange, caller: Caller, quote_id: FromPath[UUID]) -> bool:
    """Release a quote.

    Gives back at once what its reservation holds. Releasing again, or after the reservation has expired, changes nothing.
    """
    held = _seen(caller, (await hold_quotes(change.connection, [quote_id])).get(quote_id))
    return await release(change, held)


def _seen(caller: Caller, found: Reservation | None) -> Reservation:
    if found is None or not caller.may_see(str(found.customer_id)):
        raise NotFound(_NONE)
    return found
