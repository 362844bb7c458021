"""How a visitor becomes a shopper: with an account, or, where the service is only tried out, as one of its demonstration customers.

Source: docs/spec/store.md#visitors.
"""

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from quote_service.identity.model.demonstration import DEMONSTRATION_PASSWORD, DEMONSTRATION_SHOPPERS
from quote_service.identity.model.people import LogIn
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.page_sessions import sign_in
from quote_service.platform.callers.errors import SecondFactorMissing, SecondFactorRequired
from quote_service.platform.http.callers import visit_of
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Overloaded, TooMany, Unauthorized
from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.page import PageRequest, first, form_of
from quote_service.web.routes.signing_in.session import lives_of, signed_in
from quote_service.web.routes.store.shop import Shop, open_shop

_HOME = "/store"


@get("/store/welcome", opt={"page": FOR_EVERYBODY})
async def show_welcome(request: PageRequest) -> Response[str]:
    """The ways in."""
    shop = await open_shop(request)
    return _welcome(shop, request.query_params.get("next", ""), "")


@post("/store/demonstration", status_code=200, opt={"page": FOR_EVERYBODY})
async def become_demonstration_shopper(request: PageRequest) -> Response[str]:
    """Sign in as a demonstration customer; there are none but in development."""
    shop, parts, fields = await open_shop(request), parts_of(request), await form_of(request)
    settings, email = parts[Settings], first(fields, "email")
    if not settings.development or email not in [shopper.email for shopper in DEMONSTRATION_SHOPPERS]:
        raise NotFoundException
    try:
        token = await sign_in(
            parts[Database],
            parts[Credentials],
            lives_of(settings),
            LogIn(email, DEMONSTRATION_PASSWORD),
            visit_of(request),
        )
    except (Unauthorized, TooMany, Overloaded, SecondFactorRequired, SecondFactorMissing) as refused:
        return _welcome(shop, first(fields, "next"), refused.detail)
    # The basket stays as the browser keeps it.
    return signed_in(request, token, _own(first(fields, "next")))


def _welcome(shop: Shop, wanted: str, fault: str) -> Response[str]:
    return shop.show("store/welcome.html", wanted=_own(wanted), fault=fault, shoppers=DEMONSTRATION_SHOPPERS)


def _own(wanted: str) -> str:
    is_own = wanted.startswith(_HOME) and "//" not in wanted and "\\" not in wanted and wanted.isprintable()
    return wanted if is_own else _HOME
