"""Every page of the store."""

from litestar.types import ControllerRouterHandler

from quote_service.web.routes.store.basket import add_to_basket, change_basket, change_place, show_basket
from quote_service.web.routes.store.browse import show_store, show_store_product
from quote_service.web.routes.store.checkout import (
    place_order,
    release_quote,
    reserve_basket,
    show_checkout,
    show_reserved,
)
from quote_service.web.routes.store.live import stream_store
from quote_service.web.routes.store.orders import cancel_order, show_order, show_orders, show_receipt
from quote_service.web.routes.store.sales import buy_in_sale, decide_purchase, show_purchase, show_sale
from quote_service.web.routes.store.welcome import become_demonstration_shopper, show_welcome

STORE: tuple[ControllerRouterHandler, ...] = (
    show_store,
    show_store_product,
    show_basket,
    add_to_basket,
    change_basket,
    change_place,
    show_checkout,
    reserve_basket,
    show_reserved,
    place_order,
    release_quote,
    show_orders,
    show_order,
    cancel_order,
    show_receipt,
    show_sale,
    buy_in_sale,
    show_purchase,
    decide_purchase,
    stream_store,
    show_welcome,
    become_demonstration_shopper,
)
