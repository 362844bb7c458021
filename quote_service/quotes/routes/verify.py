"""A checkout asks whether a quote is really ours.

Source: spec 2, `POST /api/v1/quotes/verify`.
"""

from typing import Any

from litestar import Request, Response, post

from quote_service.api.described import Described
from quote_service.api.quotes import READ_ACCESS
from quote_service.api.quotes_after.bodies import JSON, QuoteToVerify, refuse_others
from quote_service.api.quotes_after.examples import QUOTE_EXAMPLE
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.documents import envelope
from quote_service.api.wire.exact_json import content_faults, parse_json
from quote_service.api.wire.quote_document import QuoteDocument
from quote_service.domain.errors import Invalid
from quote_service.flows.verify_quote import Verification, verify_quote

_MESSAGE = "Quote verified"


@post(
    "/verify",
    status_code=200,
    opt={
        "access": READ_ACCESS,
        "described": Described(
            body=QuoteToVerify | QuoteDocument,
            body_example={"data": QUOTE_EXAMPLE},
            answer=Verification,
            answer_example={"valid": True, "reason": None, "detail": None, "pointer": None},
            message=_MESSAGE,
            tag="Quotes",
        ),
    },
)
async def verify_issued_quote(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Verify the signature of a quote's data.

    The data may have been through any JSON library: the order of members, white space and the digits that numbers are
    written with do not matter. An expired quote stays verifiable.
    """
    document = parse_json(await request.body())
    if not isinstance(document, dict):
        raise Invalid.at("", "an object is wanted")
    if "quote_id" not in document:
        refuse_others(document, "data")
        if not isinstance(document.get("data"), dict):
            raise Invalid.at("/data", "is required: a quote's data as it was issued")
        document = document["data"]
    faults = next(content_faults(document), None)
    if faults is not None:
        verification = Verification(False, "not_a_quote", faults.detail, faults.pointer)
    else:
        verification, _ = verify_quote(runtime_of(request).signer, document)
    return Response(envelope(verification, _MESSAGE), status_code=200, media_type=JSON)
