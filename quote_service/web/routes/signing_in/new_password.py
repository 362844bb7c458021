"""A new password by a link that an admin has given.

Source: docs/spec/access.md#a-lost-password.
"""

from litestar import Response, get, post

from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.page import PageRequest, first, form_of, go_to, page_of

_DIFFERS = "The two are not the same"


@get("/reset-password", opt={"page": FOR_EVERYBODY})
async def show_new_password(request: PageRequest) -> Response[str]:
    """The form. To look at it uses nothing up: programs that show where a link leads look too."""
    return _form(request, request.query_params.get("token", ""))


@post("/reset-password", status_code=200, opt={"page": FOR_EVERYBODY})
async def take_new_password(request: PageRequest) -> Response[str]:
    """Set it."""
    page, fields = page_of(request), await form_of(request)
    token, password = first(fields, "token"), fields.get("new_password", [""])[0]
    if password != fields.get("again", [""])[0]:
        return _form(request, token, STATUS_OF_KIND["invalid"], again_fault=_DIFFERS)
    sent = {"token": token, "new_password": password}
    answer = await page.api.call("POST", "/api/v1/auth/password-reset", sent)
    if answer.is_good:
        return go_to(request, "/sign-in?done=password")
    faults = answer.faults
    detail = f"The link {faults['/token']}." if "/token" in faults else ""
    detail = detail or ("" if faults else (answer.document or {}).get("detail", ""))
    return _form(request, token, answer.status, fault=detail, password_fault=faults.get("/new_password", ""))


def _form(
    request: PageRequest,
    token: str,
    status: int = 200,
    *,
    fault: str = "",
    password_fault: str = "",
    again_fault: str = "",
) -> Response[str]:
    return page_of(request).show(
        "signing_in/new_password.html",
        status=status,
        token=token[:200],
        fault=fault,
        password_fault=password_fault,
        again_fault=again_fault,
    )
