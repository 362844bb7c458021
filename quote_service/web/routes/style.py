"""Every component in each of its states, for those who make pages.

Source: docs/spec/web.md#design.
"""

from litestar import Response, get

from quote_service.web.rendering.waterfall import waterfall
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of

_STEPS = [
    {"step": "items", "description": "2 lines", "amount": "76.50"},
    {"step": "coupon", "description": "welcome-coupon: 20 % off", "amount": "-15.30"},
    {"step": "delivery", "description": "base 10.00 x express multiplier 2.0", "amount": "20.00"},
    {"step": "tax", "description": "18 % on items", "amount": "11.02"},
]


@get("/admin/style", opt={"page": FOR_STAFF})
async def show_style(request: PageRequest) -> Response[str]:
    """The style page."""
    return page_of(request).show("style.html", picture=waterfall(_STEPS, "92.22"))
