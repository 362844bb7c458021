"""A checkout asks whether a quote is really ours.

Source: docs/spec/quotes.md#verify-a-quote.
"""

from quote_service.platform.documents.exact_json import content_faults, parse_json
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.system.errors import Invalid
from quote_service.pricing.quote_answer import QuoteDocument
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.verify_quote import Verification, verify_quote
from quote_service.quotes.routes.bodies import QuoteToVerify, refuse_others
from quote_service.quotes.routes.examples import QUOTE_EXAMPLE
from quote_service.quotes.routes.quotes import READ_ACCESS


@post(
    "/verify",
    status_code=200,
    access=READ_ACCESS,
    body=QuoteToVerify | QuoteDocument,
    body_example={"data": QUOTE_EXAMPLE},
    example={"valid": True, "reason": None, "detail": None, "pointer": None},
    message="Quote verified",
    tag="Quotes",
)
async def verify_issued_quote(signer: QuoteSigner, data: RawBody) -> Verification:
    """Verify a quote.

    Checks the signature of a quote's data. The order of members, white space and the digits that numbers are written
    with do not matter. Expired quotes can still be verified.
    """
    document = parse_json(data)
    if not isinstance(document, dict):
        raise Invalid.at("", "must be an object")
    if "quote_id" not in document:
        refuse_others(document, "data")
        if not isinstance(document.get("data"), dict):
            raise Invalid.at("/data", "is required: a quote's data as it was issued")
        document = document["data"]
    faults = next(content_faults(document), None)
    if faults is not None:
        return Verification(False, "not_a_quote", faults.detail, faults.pointer)
    verification, _ = verify_quote(signer, document)
    return verification
