"""Many baskets in one call.

Source: spec 2, `POST /api/v1/quotes/batch`; Limits and load.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post

from quote_service.api.access import caller_of
from quote_service.api.described import Described
from quote_service.api.problems import problem_answer
from quote_service.api.quote_door import QUOTE_ACCESS
from quote_service.api.quote_examples import BASKET_EXAMPLE
from quote_service.api.quotes_after.bodies import BASKETS_MAX, JSON, Baskets, BatchEntry
from quote_service.api.quotes_after.examples import QUOTE_EXAMPLE
from quote_service.api.runtime import Runtime, runtime_of
from quote_service.api.wire.decode_basket import decode_basket
from quote_service.api.wire.documents import envelope, read_value
from quote_service.api.wire.exact_json import RepeatedNames, parse_json
from quote_service.domain.access import Caller
from quote_service.domain.errors import Invalid, Malformed, TooMany
from quote_service.flows.quote_batch import Answered, BatchQuoter, Outcome

_MESSAGE = "Baskets quoted"


class _RawBaskets(msgspec.Struct, forbid_unknown_fields=True):
    baskets: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=BASKETS_MAX)]


class _Outline(msgspec.Struct, forbid_unknown_fields=True):
    baskets: Annotated[list[Any], msgspec.Meta(min_length=1, max_length=BASKETS_MAX)]


_decode: Callable[[bytes], _RawBaskets] = msgspec.json.Decoder(_RawBaskets).decode


@post(
    "/batch",
    status_code=200,
    opt={
        "access": QUOTE_ACCESS,
        "counts_itself": True,  # each basket, below
        "described": Described(
            body=Baskets,
            body_example={"baskets": [BASKET_EXAMPLE]},
            answer=list[BatchEntry],
            answer_example=[{"status": 200, "data": QUOTE_EXAMPLE}],
            message=_MESSAGE,
            problems=(TooMany,),
            tag="Quotes",
        ),
    },
)
async def quote_baskets(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Quote up to a hundred baskets, each answered or refused on its own, in their order.

    Each basket counts as a request against the key's rate limit. A basket that the time is over for is refused with 504.
    """
    started_at = asyncio.get_running_loop().time()
    runtime = runtime_of(request)
    baskets = _read(await request.body())
    quoter = BatchQuoter(
        runtime.desk,
        runtime.turnstile,
        decode_basket,
        _admission(runtime, caller_of(request)),
        bypass="no-cache" in request.headers.get("cache-control", "").lower(),
        started_at=started_at,
        timeout_seconds=runtime.settings.timeout_ms / 1000,
    )
    outcomes = await quoter.quote(baskets)
    entries = [msgspec.Raw(_entry(outcome, runtime, request.scope["path"])) for outcome in outcomes]
    return Response(envelope(entries, _MESSAGE), status_code=200, media_type=JSON)


def _read(body: bytes) -> list[bytes]:
    try:
        baskets = _decode(body).baskets
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # Something is wrong with the list itself; the patient reading says what.
        read_value(parse_json(body), _Outline)
        raise Malformed("the body is no JSON document") from None
    if body.count(b'"baskets"') > 1 and isinstance(parse_json(body), RepeatedNames):
        raise Invalid.at("/baskets", "is given more than once")
    return [bytes(basket) for basket in baskets]


def _admission(runtime: Runtime, caller: Caller) -> Callable[[], None]:
    """What counts a basket; the first is counted here, so that a key without a token left is refused as a whole.

    Raises:
        TooMany: The key's rate limit is used up.
    """
    limit = caller.rate_limit
    if limit is None:
        return lambda: None
    runtime.limits.spend(caller.id, limit)
    prepaid = [True]

    def admit() -> None:
        if prepaid:
            prepaid.pop()
        else:
            runtime.limits.spend(caller.id, limit)

    return admit


def _entry(outcome: Outcome, runtime: Runtime, path: str) -> bytes:
    if isinstance(outcome, Answered):
        runtime.meters.quoted(outcome.tier, outcome.seconds)
        answer = outcome.answer
        return b'{"status":200,"data":%b"%b"%b}' % (answer.head, outcome.tier.encode(), answer.tail)
    problem = problem_answer(outcome, path)
    runtime.meters.refused(problem.status)
    return b'{"status":%d,"problem":%b}' % (problem.status, problem.body)
