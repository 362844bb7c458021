"""The public keys that receipts are checked with.

Source: spec 2, "whose public keys stand at `/.well-known/jwks.json`"; RFC 7517.
"""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get

from quote_service.api.described import Described
from quote_service.api.quotes_after.examples import KEYS_EXAMPLE
from quote_service.api.runtime import runtime_of
from quote_service.domain.access import PUBLIC
from quote_service.flows.sign_receipt import KeySet

# A new key is listed for longer than this before it signs (docs/receipts.md).
_CACHE_SECONDS = 300


@get(
    "/jwks.json",
    opt={
        "access": PUBLIC,
        "described": Described(answer=KeySet, answer_example=KEYS_EXAMPLE, form="document", tag="Quotes"),
    },
)
async def show_receipt_keys(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The public keys of receipts, as a JWK set."""
    keys = runtime_of(request).receipts.public_keys
    headers = {
        "Cache-Control": f"public, max-age={_CACHE_SECONDS}",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(msgspec.json.encode(keys), media_type="application/json", headers=headers)


well_known = Router("/.well-known", route_handlers=[show_receipt_keys])
