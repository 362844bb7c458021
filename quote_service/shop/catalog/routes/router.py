"""The routers of the catalog.

Source: docs/spec/catalog.md.
"""

from litestar import Router

from quote_service.platform.http.declared.router import router_of
from quote_service.shop.catalog.operations.categories import CATEGORIES
from quote_service.shop.catalog.operations.sellers import SELLERS
from quote_service.shop.catalog.routes.examples import EXAMPLES
from quote_service.shop.catalog.routes.imports import export_catalog_products, import_catalog_products, imports
from quote_service.shop.catalog.routes.price_history import show_product_price_history
from quote_service.shop.catalog.routes.price_stream import stream_product_prices
from quote_service.shop.catalog.routes.prices import (
    cancel_product_price_change,
    change_product_price,
    list_product_price_changes,
    set_product_price,
    show_product_price_change,
)
from quote_service.shop.catalog.routes.product_lists import list_catalog_products
from quote_service.shop.catalog.routes.products import (
    create_catalog_product,
    deactivate_catalog_product,
    replace_catalog_product,
    show_catalog_product,
)
from quote_service.shop.catalog.routes.shown_prices import show_product_price, show_product_prices

products = Router(
    "/api/v1/products",
    route_handlers=[
        create_catalog_product,
        list_catalog_products,
        import_catalog_products,
        export_catalog_products,
        show_catalog_product,
        replace_catalog_product,
        deactivate_catalog_product,
        show_product_prices,
        stream_product_prices,
        show_product_price,
        change_product_price,
        set_product_price,
        list_product_price_changes,
        show_product_price_change,
        cancel_product_price_change,
        show_product_price_history,
    ],
    opt={"examples": EXAMPLES},
)
CATALOG: tuple[Router, ...] = (router_of(CATEGORIES), router_of(SELLERS), products, imports)
