"""The routes after the quote."""

from litestar import Router

from quote_service.quotes.routes.accept import accept_issued_quote
from quote_service.quotes.routes.batch import quote_baskets
from quote_service.quotes.routes.explain import explain_issued_quote
from quote_service.quotes.routes.reserve import read_quote_reservation, release_reserved_quote, reserve_issued_quote
from quote_service.quotes.routes.simulate import simulate_basket
from quote_service.quotes.routes.verify import verify_issued_quote

quote_lifecycle = Router(
    "/api/v1/quotes",
    route_handlers=[
        accept_issued_quote,
        reserve_issued_quote,
        read_quote_reservation,
        release_reserved_quote,
        verify_issued_quote,
        quote_baskets,
        simulate_basket,
        explain_issued_quote,
    ],
)
