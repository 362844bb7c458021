"""The public keys that receipts are checked with.

Source: docs/spec/quotes.md#accept-a-quote; RFC 7517.
"""

import msgspec
from litestar import Response, Router

from quote_service.platform.callers.access import PUBLIC
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.quotes.operations.sign_receipt import KeySet, ReceiptSigner
from quote_service.quotes.routes.examples import KEYS_EXAMPLE

# A new key is listed for longer than this before it signs (docs/spec/receipts.md).
_CACHE_SECONDS = 300


@get(
    "/jwks.json",
    access=PUBLIC,
    answer=KeySet,
    example=KEYS_EXAMPLE,
    form="document",
    tag="Quotes",
)
async def show_receipt_keys(signer: ReceiptSigner) -> Response[bytes]:
    """Get the public keys of receipts.

    As a JWK set (RFC 7517).
    """
    headers = {
        "Cache-Control": f"public, max-age={_CACHE_SECONDS}",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(msgspec.json.encode(signer.public_keys), media_type="application/json", headers=headers)


well_known = Router("/.well-known", route_handlers=[show_receipt_keys])
