"""A process that writes the API's description to its standard output, and keeps it for those that want it later.

Source: docs/spec/operations.md#api-description.
"""

import os
import sys
from typing import Final

import msgspec
from litestar import Litestar

from quote_service.platform.http.openapi.api_description import describe, kept_or_made
from quote_service.routes import ROUTERS

# Behind whoever answers, and not at the very end: somebody may be waiting for it.
_NICENESS: Final = 5


def main() -> None:
    """Write it, made or found."""
    os.nice(_NICENESS)
    found = kept_or_made(lambda: describe(Litestar(route_handlers=list(ROUTERS), openapi_config=None)))
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))


if __name__ == "__main__":
    main()
