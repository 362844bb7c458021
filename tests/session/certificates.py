"""The machine's certificates, read once by each process of a run and not for every client.

`httpx.Client` and `httpx.get` read them anew each time, 20 ms that are longer than most answers; no test speaks TLS by httpx.
"""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any

from httpx._transports import default


def read_certificates_once() -> None:
    """Have all clients of this process that ask for the usual verification share its context."""
    make = default.create_ssl_context
    usual = cache(make)

    def create_ssl_context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        return usual() if verify is True and cert is None and trust_env else make(verify, cert, trust_env)

    default.create_ssl_context = create_ssl_context
