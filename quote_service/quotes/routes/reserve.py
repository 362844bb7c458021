"""A checkout keeps what a quote's price rests on while its customer pays.

Source: docs/spec/reservations.md#reserving.
"""

from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from quote_service.platform.callers.access import Caller
from quote_service.platform.documents.documents import envelope
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.endpoints.endpoint import delete, get, post
from quote_service.platform.http.endpoints.parameters import AnyRequest
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import AcceptLimiter
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import NotFound
from quote_service.pricing.quote_answer import QuoteDocument
from quote_service.quotes.model.errors import QuoteDiffers, QuoteEnded, QuoteUnknown, QuoteUnreadable
from quote_service.quotes.operations.accept_quote import Offer, find_offer
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.operations.reserve_quote import reserve_quote
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.routes.accept import ACCEPT_ACCESS
from quote_service.quotes.routes.customers import require_sight
from quote_service.quotes.routes.examples import QUOTE_EXAMPLE, RESERVATION_EXAMPLE
from quote_service.quotes.routes.quotes import READ_ACCESS
from quote_service.quotes.routes.reading.brought_quote import customer_of_offer, read_brought
from quote_service.quotes.routes.reservation_bodies import QuoteToReserve, ReservationView, read_seconds, view_of
from quote_service.shop.reservations.model.refusals import BudgetExhausted, CouponExhausted, QuoteAccepted
from quote_service.shop.reservations.model.reservation import HoldLimits, Reservation
from quote_service.shop.reservations.operations.find_reservation import find_reservation
from quote_service.shop.reservations.operations.hold_quotes import hold_quotes
from quote_service.shop.reservations.operations.record_refused import record_refused
from quote_service.shop.reservations.operations.release import release
from quote_service.shop.reservations.operations.reservation_meters import REFUSALS, ReservationMeters

_RESERVED, _FOUND = "Quote reserved", "Reservation found"
_NONE = "There is no reservation of a quote with this id"


@post(
    "/{quote_id:uuid}/reserve",
    status_code=200,
    access=ACCEPT_ACCESS,
    body=QuoteToReserve | QuoteDocument,
    body_is_required=False,
    body_example={"hold_seconds": 300, "data": QUOTE_EXAMPLE},
    answer=ReservationView,
    example=RESERVATION_EXAMPLE,
    message=_RESERVED,
    repeatable=True,
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
async def reserve_issued_quote(request: AnyRequest, quote_id: FromPath[UUID]) -> Response[bytes]:
    """Reserve a quote.

    Holds the units, coupons and budgets that the price rests on until the quote is accepted, released or `held_until` has
    passed. Reserving again holds on from now, and never shorter than before. The body may contain the quote's data as
    issued, as when a quote is accepted.
    """
    parts, caller = parts_of(request), caller_of(request)
    settings, meters = parts[Settings], parts[ReservationMeters]
    brought = read_brought(await request.body(), quote_id, parts[QuoteSigner], "hold_seconds")
    seconds = read_seconds(brought.others.get("hold_seconds"), settings.hold_seconds_max)
    offer = await find_offer(parts[QuoteCache], quote_id, brought.quote, now_us(), settings.quote_ttl_seconds)
    customer_id = customer_of_offer(offer, brought, caller)
    try:
        async with parts[AcceptLimiter].enter(), creating(request) as creation:
            if creation.replay is not None:
                return creation.replay
            reserved, was_held = await reserve_quote(
                creation.connection,
                change_of(request),
                quote_id,
                offer,
                customer_id,
                lambda whose: require_sight(caller, whose),
                hold_seconds=seconds,
                limits=HoldLimits(settings.reservations_per_customer, settings.reserved_units_max),
            )
            answer = creation.answer(200, envelope(view_of(reserved), _RESERVED), customer_id=reserved.customer_id)
            crash_point("before_reserving_commit")
        crash_point("after_reserving_commit")
    except REFUSALS as refusal:
        meters.refused(refusal)
        if isinstance(offer, Offer) and isinstance(refusal, (CouponExhausted, BudgetExhausted)):
            await record_refused(parts[Database], offer.claim(customer_id))
        raise
    meters.count("extended" if was_held else "reserved")
    return answer


@get(
    "/{quote_id:uuid}/reserve",
    access=READ_ACCESS,
    answer=ReservationView,
    example=RESERVATION_EXAMPLE,
    message=_FOUND,
    problems=(NotFound,),
    tag="Quotes",
)
async def read_quote_reservation(request: AnyRequest, quote_id: FromPath[UUID]) -> Response[bytes]:
    """Get a quote's reservation.

    Returns its status and how long it holds. A reservation can be read for a day after it has ended.
    """
    async with parts_of(request)[Database].read() as connection:
        found = _seen(caller_of(request), await find_reservation(connection, quote_id))
    return Response(envelope(view_of(found), _FOUND), media_type="application/json")


@delete(
    "/{quote_id:uuid}/reserve",
    status_code=204,
    access=ACCEPT_ACCESS,
    form="nothing",
    problems=(NotFound, QuoteAccepted, *OF_LIMITED_WORK),
    tag="Quotes",
)
async def release_reserved_quote(request: AnyRequest, quote_id: FromPath[UUID]) -> Response[None]:
    """Release a quote.

    Gives back at once what its reservation holds. Releasing again, or after the reservation has expired, changes nothing.
    """
    parts = parts_of(request)
    async with parts[AcceptLimiter].enter(), parts[Database].transaction() as connection:
        held = _seen(caller_of(request), (await hold_quotes(connection, [quote_id])).get(quote_id))
        was_held = await release(connection, change_of(request), held)
    if was_held:
        parts[ReservationMeters].count("released")
    return Response(None, status_code=204)


def _seen(caller: Caller, found: Reservation | None) -> Reservation:
    if found is None or not caller.may_see(str(found.customer_id)):
        raise NotFound(_NONE)
    return found
