"""Why a quote is what it is.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import Caller
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import CalculationLimiter
from quote_service.pricing.explain.explanation import Explanation
from quote_service.quotes.model.accepted_quote import AcceptedQuote
from quote_service.quotes.model.errors import QuoteExpired, QuoteUnknown
from quote_service.quotes.model.kept_bytes import customer_of
from quote_service.quotes.operations.explain_quote import explain_quote, find_explainable
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.routes.bodies import ExplainedDocument
from quote_service.quotes.routes.customers import require_sight
from quote_service.quotes.routes.examples import EXPLANATION_EXAMPLE
from quote_service.quotes.routes.quotes import READ_ACCESS
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder


@get(
    "/{quote_id:uuid}/explain",
    access=READ_ACCESS,
    answer=ExplainedDocument,
    example=EXPLANATION_EXAMPLE,
    message="Quote explained",
    problems=(QuoteUnknown, QuoteExpired, *OF_LIMITED_WORK),
    tag="Quotes",
)
async def explain_issued_quote(
    cache: QuoteCache,
    database: Database,
    holder: RulebookHolder,
    limiter: CalculationLimiter,
    settings: Settings,
    caller: Caller,
    quote_id: FromPath[UUID],
) -> Explanation:
    """Explain a quote.

    Prices the quote again with the rulebook version it was issued with. Accepted quotes can always be explained, others
    until they expire. Coupons are considered if their code was sent. Shoppers do not see commission rates.
    """
    quote = await find_explainable(cache, database, quote_id, now_us(), settings.quote_ttl_seconds)
    owner = quote.customer_id if isinstance(quote, AcceptedQuote) else customer_of(quote.request)
    require_sight(caller, owner)
    async with limiter.enter():
        held = holder.rulebook
        return await explain_quote(
            database,
            quote,
            decode_basket,
            parents=None if held is None else held.catalog.parents,
            seller_regions=None if held is None else held.catalog.seller_regions,
            for_shopper=caller.is_customer,
        )
