"""What changes on a page of the store while it is looked at: prices as they move, and flash sales as they go.

Source: docs/spec/store.md#live.
"""

from collections.abc import AsyncGenerator

from litestar import get
from litestar.response import Stream

from quote_service.web.routes.api_events import ServerEvent
from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.own_api import Query
from quote_service.web.routes.page import Page, PageRequest
from quote_service.web.routes.store.browse import open_sales
from quote_service.web.routes.store.products import prices_of_items
from quote_service.web.routes.store.shop import Shop, open_shop
from quote_service.web.routes.streams import stream_parts

_PRICES = "/api/v1/products/prices/stream"
_SALES = "/api/v1/open-flash-sales/stream"


@get("/store/stream", opt={"page": FOR_EVERYBODY, "is_stream": True})
async def stream_store(request: PageRequest) -> Stream:
    """The prices that a page shows (`items`), the sales that run, and the one that it is of (`sale`)."""
    shop = await open_shop(request)
    items, sale_id = request.query_params.get("items", ""), request.query_params.get("sale", "")
    prices: Query = {"items": items, "currency": shop.currency, "region": shop.visit.region}
    seen = _Seen(shop, sale_id)
    sources = [(_PRICES, prices)] if items else []
    return await stream_parts(request, _SALES, seen.parts, also=sources)


class _Seen:
    """What one page has been shown of prices."""

    def __init__(self, shop: Shop, sale_id: str) -> None:
        self._shop = shop
        self._sale_id = sale_id
        self._has_prices = False

    async def parts(self, page: Page, event: ServerEvent) -> AsyncGenerator[tuple[str, str], None]:
        """The parts of the page that an event changes."""
        if event.name == "prices":
            moved = [{name: each[name] for name in ("product_id", "variant_id")} for each in event.data["prices"]]
            # What was asked before is not in the stream; asked for here, it is of the same process.
            for name, price in (await prices_of_items(self._shop, moved)).items():
                yield name, page.draw("store/price.html", price=price, has_moved=self._has_prices)
            self._has_prices = True
        elif event.name == "sales":
            at, sales = event.data["at"], event.data["sales"]
            if not self._sale_id:
                yield "sales", page.draw("store/sales_now.html", now=at, **await open_sales(self._shop, sales))
                return
            sale = next((each for each in sales if each["id"] == self._sale_id), None)
            for item in sale["items"] if sale is not None else ():
                name = f"stock-{item['product_id']}"
                yield name, page.draw("store/stock.html", item=item, is_over=False)
            yield "sale-state", page.draw("store/sale_state.html", sale=sale, now=at)
