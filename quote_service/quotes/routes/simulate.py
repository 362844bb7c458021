"""People who price or analyse ask what a quote would be.

Source: docs/spec/quotes.md#simulate-a-quote.
"""

from typing import Any

import msgspec

from quote_service.platform.callers.access import RULEBOOK_TESTERS
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import CalculationLimiter
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.quotes.answer.unissued_quote import unissued_quote
from quote_service.quotes.operations.simulate_quote import Simulated, basket_again, simulate_quote
from quote_service.quotes.routes.bodies import Simulation, SimulationRequest
from quote_service.quotes.routes.examples import SIMULATION_EXAMPLE, SIMULATION_REQUEST_EXAMPLE
from quote_service.quotes.routes.reading.read_simulation import read_simulation
from quote_service.rulebook.snapshot.operations.catch_up import retry_after_refresh
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder


@post(
    "/simulate",
    status_code=200,
    access=RULEBOOK_TESTERS,
    body=SimulationRequest,
    body_example=SIMULATION_REQUEST_EXAMPLE,
    answer=Simulation,
    example=SIMULATION_EXAMPLE,
    message="Quote simulated",
    problems=OF_LIMITED_WORK,
    tag="Quotes",
)
async def simulate_basket(
    database: Database,
    holder: RulebookHolder,
    limiter: CalculationLimiter,
    sale_prices: SalePrices,
    settings: Settings,
    data: RawBody,
) -> dict[str, Any]:
    """Simulate a quote.

    A draft rule with the name of an existing rule acts as its next version. An instant in the past is priced with the
    current rulebook: rates that have ended since then count, but later changes and deactivations are not undone. Flash
    sales that are active now count from their start to their end. With `known_at` everything is priced by what was known
    at that instant: the rulebook version that was in use, catalog prices, stock, demand and flash sales of then. An
    assumed flag value applies to every customer. Nothing is stored, and nothing counts as used.
    """
    at_us = now_us()
    checked, supposed = read_simulation(data, at_us, settings.default_currency or None)

    async def simulate() -> Simulated:
        async with limiter.enter():
            basket = basket_again(checked)
            return await simulate_quote(database, holder, sale_prices.by_product, basket, supposed, at_us)

    result = await retry_after_refresh(database, holder, simulate, ("/items", "/flag_overrides"))
    return {
        "now": msgspec.Raw(unissued_quote(result.now, at_us).encode()),
        "simulated": msgspec.Raw(unissued_quote(result.simulated, supposed.at_us).encode()),
        "difference": {name: msgspec.Raw(text.encode()) for name, text in result.differences.items()},
    }
