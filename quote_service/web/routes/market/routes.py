"""Every page of price intelligence that is more than a list, an object or a form.

Source: docs/spec/web.md#areas.
"""

from quote_service.web.routes.market.analysed import show_analysis
from quote_service.web.routes.market.market import show_market
from quote_service.web.routes.market.matching import decide_match, show_matching
from quote_service.web.routes.market.product import show_product_market
from quote_service.web.routes.market.upload import show_upload, take_upload
from quote_service.web.routes.market.windows import show_windows

MARKET = (
    show_market,
    show_analysis,
    show_windows,
    show_product_market,
    show_matching,
    decide_match,
    show_upload,
    take_upload,
)
