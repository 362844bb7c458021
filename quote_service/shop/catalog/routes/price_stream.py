"""Prices as they move, for a page that shows them.

Source: docs/spec/catalog.md#prices-as-they-move.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

from litestar.response import Stream

from quote_service.identity.streams.event_streams import while_admitted
from quote_service.platform.callers.access import PRODUCT_READERS, Caller
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.system.errors import Invalid, Unavailable
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.parts import Parts
from quote_service.shop.catalog.model.shown_prices import PricesFollowed, PriceUnavailable, ShownPrice, ShownPrices
from quote_service.shop.catalog.operations.price_news import PriceNews
from quote_service.shop.catalog.operations.show_prices import Wanted, show_price
from quote_service.shop.catalog.routes import price_examples as examples
from quote_service.shop.catalog.routes.read_ids import read_ids
from quote_service.shop.catalog.routes.shown_prices import as_unknown, scene_for
from quote_service.shop.catalog.routes.shown_products import sees_all

FOLLOWED_MAX = 100
# A client that still listens then connects again, perhaps to another worker.
_STREAM_SECONDS = 900.0
_RETRY_MS = 2000
_EVENT = f"event: prices\ndata: {write_document(examples.SHOWN_PRICES).decode()}\n\n"
_Shown = ShownPrice | PriceUnavailable


@get("/prices/stream", access=PRODUCT_READERS, example=_EVENT, form="events")
async def stream_product_prices(
    request: AnyRequest, caller: Caller, news: PriceNews, parts: Parts, query: PricesFollowed
) -> Stream:
    """Stream the prices of products as they move.

    Server-sent events named `prices`, with the `data` of the prices of products. The first has all that were asked for; each
    that follows has those that changed, within a second of the change. The stream ends after 15 minutes, and when the
    credentials it was opened with expire or are revoked; connect again then.
    """
    wanted = _read_items(query.items)
    turn = news.listeners.turn
    first = await _priced(parts, caller, query, wanted)
    return Stream(
        while_admitted(request, _events(parts, caller, query, wanted, first, turn)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(
    parts: Parts,
    caller: Caller,
    asked: PricesFollowed,
    wanted: list[Wanted],
    first: tuple[datetime, list[_Shown]],
    turn: int,
) -> AsyncGenerator[bytes, None]:
    clock, listeners = asyncio.get_running_loop().time, parts[PriceNews].listeners
    ends_at = clock() + _STREAM_SECONDS
    with listeners.listening():
        reported = first[1]
        yield f"retry: {_RETRY_MS}\n".encode() + _event(*first)
        while clock() < ends_at:
            await listeners.wait(turn)
            turn = listeners.turn
            try:
                at, shown = await _priced(parts, caller, asked, wanted)
            except Unavailable:
                yield b": away\n\n"
                continue
            moved = [now for now, before in zip(shown, reported, strict=True) if now != before]
            yield _event(at, moved) if moved else b": \n\n"
            reported = shown


async def _priced(
    parts: Parts, caller: Caller, asked: PricesFollowed, wanted: list[Wanted]
) -> tuple[datetime, list[_Shown]]:
    scene = await scene_for(parts, caller, asked, None, "/query", "segments")
    shown = [show_price(scene, each) for each in wanted]
    if not sees_all(caller):
        shown = [as_unknown(each) if isinstance(each, PriceUnavailable) else each for each in shown]
    return from_micros(scene.at_us), shown


def _event(at: datetime, shown: list[_Shown]) -> bytes:
    prices = [each for each in shown if isinstance(each, ShownPrice)]
    unavailable = [each for each in shown if isinstance(each, PriceUnavailable)]
    data = write_document(ShownPrices(at=at, prices=prices, unavailable=unavailable))
    return b"event: prices\ndata: " + data + b"\n\n"


def _read_items(text: str) -> list[Wanted]:
    wanted: list[Wanted] = []
    try:
        for item in text.split(","):
            product, *variant = read_ids(item.replace("/", ","), 2)
            wanted.append((str(product), str(variant[0]) if variant else None, 1))
    except ValueError:
        raise Invalid.at("/query/items", "must hold UUIDs, separated by commas") from None
    if len(wanted) > FOLLOWED_MAX:
        raise Invalid.at("/query/items", f"must name at most {FOLLOWED_MAX}")
    return list(dict.fromkeys(wanted))
