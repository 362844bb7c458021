"""People who price or analyse ask what a quote would be.

Source: spec 2, `POST /api/v1/quotes/simulate`.
"""

from typing import Any

import msgspec
from litestar import Request, Response, post

from quote_service.api.described import Described
from quote_service.api.quotes_after.bodies import JSON, Simulation, SimulationRequest
from quote_service.api.quotes_after.examples import SIMULATION_EXAMPLE, SIMULATION_REQUEST_EXAMPLE
from quote_service.api.quotes_after.read_simulation import read_simulation
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.documents import envelope
from quote_service.domain.access import READERS
from quote_service.domain.errors import Overloaded, Unavailable
from quote_service.engine.answer.unissued_quote import unissued_quote
from quote_service.flows.simulate_quote import simulate_quote
from quote_service.system.clock import now_us

_MESSAGE = "Quote simulated"


@post(
    "/simulate",
    status_code=200,
    opt={
        "access": READERS,
        "described": Described(
            body=SimulationRequest,
            body_example=SIMULATION_REQUEST_EXAMPLE,
            answer=Simulation,
            answer_example=SIMULATION_EXAMPLE,
            message=_MESSAGE,
            problems=(Overloaded, Unavailable),
            tag="Quotes",
        ),
    },
)
async def simulate_basket(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Simulate a quote: what it would be, beside what it is now, with the difference of each amount.

    A draft rule with the name of one that exists stands in for its next version. An instant in the past is held against
    the rulebook as it is now: rates that have ended since count, what was changed or switched off since does not come
    back. Flash sales that are active now count from their start to their end. A supposed flag value is what the flag says to everybody. Nothing is stored, nothing counts.
    """
    runtime, at_us = runtime_of(request), now_us()
    checked, supposed = read_simulation(await request.body(), at_us)
    async with runtime.asides.enter():
        result = await simulate_quote(
            runtime.database, runtime.rulebook, runtime.flash.board.prices.by_product, checked, supposed, at_us
        )
    data = {
        "now": msgspec.Raw(unissued_quote(result.now, at_us).encode()),
        "simulated": msgspec.Raw(unissued_quote(result.simulated, supposed.at_us).encode()),
        "difference": {name: msgspec.Raw(text.encode()) for name, text in result.differences.items()},
    }
    return Response(envelope(data, _MESSAGE), status_code=200, media_type=JSON)
