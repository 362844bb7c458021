"""The router of analytics.

Source: docs/spec/analytics.md#reports.
"""

from litestar import Router

from quote_service.steering.analytics.routes.honoured import show_honoured_report
from quote_service.steering.analytics.routes.live import show_live_figures, stream_live_figures
from quote_service.steering.analytics.routes.reports import (
    show_commission_report,
    show_flags_report,
    show_pricing_report,
    show_product_report,
)

analytics = Router(
    "/api/v1/analytics",
    route_handlers=[
        show_pricing_report,
        show_commission_report,
        show_flags_report,
        show_honoured_report,
        show_product_report,
        show_live_figures,
        stream_live_figures,
    ],
)
