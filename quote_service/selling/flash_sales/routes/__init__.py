"""Flash sales: `/api/v1/flash-sales`; those to buy in: `/api/v1/open-flash-sales`; purchases: `/api/v1/purchases`.

Source: docs/spec/flash-sales.md.
"""

from litestar import Router

from quote_service.selling.flash_sales.routes.analytics import show_flash_sale_analytics
from quote_service.selling.flash_sales.routes.examples import EXAMPLES
from quote_service.selling.flash_sales.routes.figures import (
    show_customer_summary,
    show_flash_sale_figures,
    stream_flash_sale_figures,
)
from quote_service.selling.flash_sales.routes.open_sales import (
    list_open_flash_sales,
    show_open_flash_sale,
    stream_open_flash_sales,
)
from quote_service.selling.flash_sales.routes.purchase_lists import list_purchases
from quote_service.selling.flash_sales.routes.purchases import (
    buy_in_flash_sale,
    cancel_held_purchase,
    confirm_held_purchase,
    show_purchase,
    show_purchase_by_key,
)
from quote_service.selling.flash_sales.routes.sales import (
    activate_flash_sale,
    cancel_flash_sale,
    create_flash_sale,
    delete_flash_sale,
    end_flash_sale,
    list_flash_sales,
    replace_flash_sale,
    show_flash_sale,
)

flash_sales = Router(
    "/api/v1/flash-sales",
    route_handlers=[
        create_flash_sale,
        list_flash_sales,
        show_flash_sale,
        replace_flash_sale,
        delete_flash_sale,
        activate_flash_sale,
        end_flash_sale,
        cancel_flash_sale,
        buy_in_flash_sale,
        show_flash_sale_figures,
        stream_flash_sale_figures,
        show_customer_summary,
        show_flash_sale_analytics,
    ],
    opt={"examples": EXAMPLES},
)
open_flash_sales = Router(
    "/api/v1/open-flash-sales",
    route_handlers=[list_open_flash_sales, stream_open_flash_sales, show_open_flash_sale],
    opt={"examples": EXAMPLES},
)
purchases = Router(
    "/api/v1/purchases",
    route_handlers=[list_purchases, show_purchase, show_purchase_by_key, confirm_held_purchase, cancel_held_purchase],
    opt={"examples": EXAMPLES},
)

__all__ = ["flash_sales", "open_flash_sales", "purchases"]
