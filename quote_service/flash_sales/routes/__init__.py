"""Flash sales: `/api/v1/flash-sales`, and what is bought in them: `/api/v1/purchases`.

Source: spec 7.
"""

from litestar import Router

from quote_service.api.flash_sales.analytics import show_flash_sale_analytics
from quote_service.api.flash_sales.figures import (
    show_customer_summary,
    show_flash_sale_figures,
    stream_flash_sale_figures,
)
from quote_service.api.flash_sales.purchases import (
    buy_in_flash_sale,
    cancel_held_purchase,
    confirm_held_purchase,
    show_purchase,
    show_purchase_by_key,
)
from quote_service.api.flash_sales.sales import (
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
)
purchases = Router(
    "/api/v1/purchases",
    route_handlers=[show_purchase, show_purchase_by_key, confirm_held_purchase, cancel_held_purchase],
)

__all__ = ["flash_sales", "purchases"]
