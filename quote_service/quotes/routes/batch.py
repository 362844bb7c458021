"""Many baskets in one call.

Source: docs/spec/quotes.md#batches; docs/spec/quotes.md#limits.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from quote_service.identity.operations.rate_limits import RateLimits
from quote_service.platform.callers.access import Caller
from quote_service.platform.documents.documents import read_value
from quote_service.platform.documents.exact_json import RepeatedNames, parse_json
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.endpoints.results import Answer
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.http.problems import problem_answer
from quote_service.platform.http.protocol.preferences import STRICTLY, wants_strict
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid, Malformed, TooMany
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.quote_batch import BatchTerms, quote_batch
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_meters import QuoteMeters
from quote_service.quotes.operations.quote_request import QuoteRequest
from quote_service.quotes.reading.read_basket import Care
from quote_service.quotes.routes.bodies import BASKETS_MAX, Baskets, BatchEntry
from quote_service.quotes.routes.examples import QUOTE_EXAMPLE
from quote_service.quotes.routes.quote_endpoint import QUOTE_ACCESS
from quote_service.quotes.routes.quote_examples import BASKET_EXAMPLE


class _RawBaskets(msgspec.Struct, forbid_unknown_fields=True):
    baskets: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=BASKETS_MAX)]


class _Outline(msgspec.Struct, forbid_unknown_fields=True):
    baskets: Annotated[list[Any], msgspec.Meta(min_length=1, max_length=BASKETS_MAX)]


_decode: Callable[[bytes], _RawBaskets] = msgspec.json.Decoder(_RawBaskets).decode


@post(
    "/batch",
    status_code=200,
    access=QUOTE_ACCESS,
    counts_itself=True,
    body=Baskets,
    body_example={"baskets": [BASKET_EXAMPLE]},
    answer=list[BatchEntry],
    example=[{"status": 200, "data": QUOTE_EXAMPLE}],
    message="Baskets quoted",
    problems=(TooMany,),
    tag="Quotes",
)
async def quote_baskets(
    request: AnyRequest,
    caller: Caller,
    issuer: QuoteIssuer,
    limiter: QuoteLimiter,
    rate_limits: RateLimits,
    meters: QuoteMeters,
    settings: Settings,
) -> Answer[list[msgspec.Raw]]:
    """Quote up to 100 baskets.

    Each basket is quoted or refused on its own; results are in the order of the request. Each basket counts as one
    request against the caller's rate limit. Baskets that are not priced before the request times out are refused with 504.
    """
    started_at = asyncio.get_running_loop().time()
    timeout_seconds = settings.timeout_ms / 1000
    baskets = _read(await request.body())  # the time that it takes to come counts
    is_strict = wants_strict(request.scope["headers"])
    care = Care(caller.id if caller.is_customer else None, is_strict, settings.development)
    terms = BatchTerms(
        care,
        _admission(rate_limits, caller),
        bypass="no-cache" in request.headers.get("cache-control", "").lower(),
        deadline=started_at + timeout_seconds,
        timeout_seconds=timeout_seconds,
    )
    quoted = await quote_batch(issuer, limiter, terms, baskets)
    entries = [msgspec.Raw(_entry(each, meters, request.scope["path"])) for each in quoted]
    return Answer(entries, headers=STRICTLY if is_strict else {})


def _read(body: bytes) -> list[bytes]:
    try:
        baskets = _decode(body).baskets
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # Something is wrong with the list itself; the patient reading says what.
        read_value(parse_json(body), _Outline)
        raise Malformed("the body is not valid JSON") from None
    if body.count(b'"baskets"') > 1 and isinstance(parse_json(body), RepeatedNames):
        raise Invalid.at("/baskets", "is given more than once")
    return [bytes(basket) for basket in baskets]


def _admission(rate_limits: RateLimits, caller: Caller) -> Callable[[], None]:
    """What counts a basket; the first is counted here, so that a caller without a token left is refused as a whole.

    Raises:
        TooMany: The caller's rate limit is used up.
    """
    limit = caller.rate_limit
    if limit is None:
        return lambda: None
    rate_limits.spend(caller.id, limit)
    prepaid = [True]

    def admit() -> None:
        if prepaid:
            prepaid.pop()
        else:
            rate_limits.spend(caller.id, limit)

    return admit


def _entry(asked: QuoteRequest, meters: QuoteMeters, path: str) -> bytes:
    if asked.error is None:
        meters.quoted_in_batch(asked.tier, asked.seconds)
        answer = asked.shown_answer()
        return b'{"status":200,"data":%b"%b"%b}' % (answer.head, asked.tier.encode(), answer.tail)
    problem = problem_answer(asked.error, path)
    meters.refused(problem.status)
    return b'{"status":%d,"problem":%b}' % (problem.status, problem.body)
