"""One request for a page of the store: who visits, what their browser keeps, and the API as they may call it.

Every handler of the store begins with `open_shop`, which answers 404 where the flag `store_page` is off for the visitor.

Source: docs/spec/store.md#visitors.
"""

import hmac
from functools import partial
from typing import Any, Final

from litestar import Response
from litestar.exceptions import NotFoundException

from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.guests import guest_id, guest_token, guests_at
from quote_service.identity.operations.rate_limits import RateLimits
from quote_service.platform.http.callers import address_of
from quote_service.platform.http.parts import parts_of
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Forbidden
from quote_service.platform.system.instants import from_micros
from quote_service.web.model.store.countries import shows_tax
from quote_service.web.model.store.prices import line_price
from quote_service.web.model.store.visit import Visit, new_visit, read_visit, write_visit
from quote_service.web.routes.cookies import cookie_value, visit_name
from quote_service.web.routes.gate import API, csrf_of
from quote_service.web.routes.own_api import ApiRefused, OwnApi
from quote_service.web.routes.page import Page, PageRequest, first, form_of, go_to, page_of, set_page, templates_of

FLAG: Final = "/ofrep/v1/evaluate/flags/store_page"
_TOKEN_SECONDS = 60
_KEPT_SECONDS = 30 * 24 * 3600
_SAFE = frozenset({"GET", "HEAD"})


class Shop:
    """What a handler of the store works with; `visit` is kept by the browser once it has been replaced."""

    __slots__ = ("_is_new", "_request", "_seen", "csrf", "currency", "customer_id", "is_shopper", "page", "visit")

    def __init__(self, request: PageRequest, page: Page, visit: Visit, customer_id: str, *, is_new: bool) -> None:
        settings = parts_of(request)[Settings]
        self._request = request
        self._seen = visit
        self._is_new = is_new
        self.page = page
        self.visit = visit
        self.customer_id = customer_id
        self.currency = settings.default_currency or "EUR"
        self.is_shopper = page.person is not None and page.person.role == "user"
        self.csrf = page.person.csrf if page.person is not None else csrf_of(visit.secret.hex())

    @property
    def shows_tax(self) -> bool:
        """Whether prices are shown with tax in them."""
        return shows_tax(parts_of(self._request)[Settings].store_prices, self.visit.country)

    @property
    def api(self) -> OwnApi:
        """The API as the visitor."""
        return self.page.api

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response[str]:
        """A page of the store, or a part of one."""
        return self._keeping(self.page.show(template, status=status, **self.context(), **context))

    def go(self, path: str) -> Response[str]:
        """Lead to another page."""
        return self._keeping(go_to(self._request, path))

    def context(self) -> dict[str, Any]:
        """What every template of the store may ask for."""
        return {
            "visit": self.visit,
            "currency": self.currency,
            # The server's clock, by which pages count down.
            "now": from_micros(now_us()).isoformat().replace("+00:00", "Z"),
            "shows_tax": self.shows_tax,
            "line_price": partial(line_price, with_tax=self.shows_tax),
            "csrf": self.csrf,
            "is_shopper": self.is_shopper,
            "is_development": parts_of(self._request)[Settings].development,
        }

    def _keeping(self, answer: Response[str]) -> Response[str]:
        if self._is_new or self.visit is not self._seen:
            answer.headers["Set-Cookie"] = _visit_cookie(parts_of(self._request)[Settings], write_visit(self.visit))
        return answer


async def open_shop(request: PageRequest) -> Shop:
    """The store for whoever visits it.

    Raises:
        NotFoundException: There is no store for the visitor.
        Forbidden: A change that no page of ours asked for.
        ApiRefused: The flag could not be asked.
        RateLimited: Visitors of this address ask for too many pages.
    """
    page, kept = page_of(request), _kept_visit(request)
    visit = kept or new_visit()
    customer_id = guest_id(visit.secret)
    if page.person is not None and page.person.role == "user":
        customer_id = page.person.user.id
    else:
        _spend(request)
        # Who works here looks at the store as a visitor does.
        page = Page(templates_of(request), page.path, page.person, _guests_api(request, customer_id))
        set_page(request, page)
    shop = Shop(request, page, visit, customer_id, is_new=kept is None)
    if request.method not in _SAFE and page.person is None:
        given = request.headers.get("x-csrf-token") or first(await form_of(request), "csrf")
        if not hmac.compare_digest(given.encode(), shop.csrf.encode()):
            raise Forbidden("The page is out of date; load it again")
    await _require_store(shop)
    return shop


async def _require_store(shop: Shop) -> None:
    context = {"country": shop.visit.country, "city": shop.visit.city}
    answer = await shop.api.call("POST", FLAG, {"context": context})
    if answer.status == 404 or (answer.is_good and answer.document.get("value") is not True):
        raise NotFoundException
    if not answer.is_good:
        raise ApiRefused(answer)


def _spend(request: PageRequest) -> None:
    """Take one page of what visitors without an account may ask for from one address, however many they say they are."""
    parts, address = parts_of(request), address_of(request)
    limit = parts[Settings].rate_limit_guests
    if limit is not None and address:
        parts[RateLimits].spend(guests_at(address), limit)


def _guests_api(request: PageRequest, customer_id: str) -> OwnApi:
    token = guest_token(parts_of(request)[Credentials].tokens, customer_id, now_us(), _TOKEN_SECONDS)
    return OwnApi(request.app.state[API], token, request.scope["state"].get("request_id", ""))


def _kept_visit(request: PageRequest) -> Visit | None:
    kept = cookie_value(request.headers.get("cookie", ""), visit_name(parts_of(request)[Settings]))
    return None if kept is None else read_visit(kept)


def _visit_cookie(settings: Settings, value: str) -> str:
    # Lax, so that a link from elsewhere finds the basket; what changes anything carries a token besides.
    secure = "" if settings.development else "; Secure"
    return f"{visit_name(settings)}={value}; Path=/; Max-Age={_KEPT_SECONDS}; HttpOnly; SameSite=Lax{secure}"
