"""What the rule check says of the rulebook as it is.

Source: docs/spec/web.md#rule-check; docs/spec/pricing-rules.md#rule-check.
"""

from litestar import Response, get

from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of


@get("/admin/rules/check", opt={"page": FOR_STAFF})
async def show_check(request: PageRequest) -> Response[str]:
    """The page, at once; the findings follow, as a large rulebook takes seconds to check."""
    return page_of(request).show("pricing/check.html")


@get("/admin/rules/findings", opt={"page": FOR_STAFF})
async def show_findings(request: PageRequest) -> Response[str]:
    """The findings."""
    page = page_of(request)
    answer = page.api.require(await page.api.call("POST", "/api/v1/rulebook/check", {}))
    return page.show("pricing/whole_check.html", report=answer.data)
