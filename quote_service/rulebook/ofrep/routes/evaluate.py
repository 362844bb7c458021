"""An OpenFeature SDK asks for one flag, or for all.

Source: docs/spec/ofrep.md.
"""

from hashlib import blake2b

import msgspec
from litestar import Response
from litestar.params import FromPath

from quote_service.platform.callers.access import granted
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.callers import caller_of
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.etags import matches_if_none_match
from quote_service.platform.http.openapi.described import Refused
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.registry import Registry
from quote_service.pricing.flags.evaluation_figures import FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.rulebook.ofrep.model.answers import (
    OfrepEndpoint,
    OfrepEvaluation,
    OfrepFailure,
    OfrepFlags,
    OfrepStream,
    write_flags,
)
from quote_service.rulebook.ofrep.model.context import OfrepRequest, read_context
from quote_service.rulebook.ofrep.operations.ask_flags import Question, ask_all_flags, ask_flag, read_question
from quote_service.rulebook.ofrep.operations.flag_states import FlagStates
from quote_service.rulebook.ofrep.routes import examples
from quote_service.rulebook.ofrep.routes.failures import STATUSES, failed
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

EVALUATORS = granted("pricing_manager", "analyst", "user", scopes=("flags:evaluate", "flags:write"))
REFUSED = Refused(OfrepFailure, examples.FAILURE, STATUSES)
EVENTS_PATH = "/ofrep/v1/events"
# A worker holds what another one told of within a second; longer is not waited for it.
_REACH_SECONDS = 1.0
_INACTIVITY_SECONDS = 120


class BulkQuery(msgspec.Struct, frozen=True):
    """What a client adds when an event made it ask."""

    flag_config_etag: str | None = msgspec.field(name="flagConfigEtag", default=None)
    """The `etag` of the event that made the client ask again: this worker then answers by flags that are as new."""
    flag_config_last_modified: str | None = msgspec.field(name="flagConfigLastModified", default=None)
    """Part of the protocol; events here have no such time, and it is ignored."""


@post(
    "/evaluate/flags/{key:str}",
    status_code=200,
    access=EVALUATORS,
    body=OfrepRequest,
    body_example=examples.QUESTION,
    answer=OfrepEvaluation,
    example=examples.EVALUATION,
    form="document",
    refused=REFUSED,
    tag="OFREP",
)
async def evaluate_flag_by_ofrep(request: AnyRequest, key: FromPath[str]) -> Response[bytes]:
    """Evaluate a feature flag (OFREP).

    For server-side OpenFeature providers. `TARGETING_KEY_MISSING` is answered only where the flag hashes a key that the
    context does not have. Shoppers evaluate in their own name.
    """
    rulebook, question = await _question(request)
    answer = ask_flag(rulebook, key, question, now_us())
    _count(request, [answer])
    if isinstance(answer, OfrepFailure):
        return failed(answer, 404 if answer.error_code == "FLAG_NOT_FOUND" else 400)
    return Response(write_document(answer), media_type=JSON)


@post(
    "/evaluate/flags",
    status_code=200,
    access=EVALUATORS,
    body=OfrepRequest,
    body_example=examples.QUESTION,
    answer=OfrepFlags,
    example=examples.FLAGS,
    form="document",
    query=BulkQuery,
    request_headers={"If-None-Match": "ETag of an earlier answer; if this one is the same, it is a 304."},
    headers={"ETag": "Changes with anything in the answer."},
    unchanged=True,
    refused=REFUSED,
    tag="OFREP",
)
async def evaluate_flags_by_ofrep(request: AnyRequest) -> Response[bytes] | Response[None]:
    """Evaluate all feature flags (OFREP).

    For client-side OpenFeature providers. A flag that cannot be evaluated is an item with an error code. Listen to
    `eventStreams` to learn of changes.
    """
    states = parts_of(request)[FlagStates]
    reported = request.query_params.get("flagConfigEtag")
    if reported is not None and len(reported) == len(states.state(of_all=True)):
        await states.reach(reported, _REACH_SECONDS)
    rulebook, question = await _question(request)
    flags = list(ask_all_flags(rulebook, question, now_us()))
    _count(request, flags)
    since = states.state(of_all=question.sees_all)
    stream = OfrepStream("sse", OfrepEndpoint(f"{EVENTS_PATH}?since={since}"), _INACTIVITY_SECONDS)
    body = write_flags(flags, stream)
    headers = {"ETag": f'"{blake2b(body, digest_size=16).hexdigest()}"'}
    if matches_if_none_match(request, headers["ETag"]):
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type=JSON, headers=headers)


async def _question(request: AnyRequest) -> tuple[Rulebook, Question]:
    asked = read_context(await request.body())
    rulebook = parts_of(request)[RulebookHolder].rulebook
    if rulebook is None:
        raise Unavailable("The flags have not been loaded yet")
    return rulebook, read_question(asked, caller_of(request), rulebook)


def _count(request: AnyRequest, answers: list[OfrepEvaluation | OfrepFailure]) -> None:
    registry = parts_of(request)[Registry]
    for answer in answers:
        if isinstance(answer, OfrepEvaluation):
            why = {"source": "ofrep", "reason": answer.reason}
            registry.counter(FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING, why).add()
