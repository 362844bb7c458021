"""The machine's certificates, read once by each process of a run and not for every client.

`httpx.Client` and `httpx.get` read them again each time, 20 ms that are longer than most answers; no test speaks TLS by httpx.
"""

from __future__ import annotations

import ssl
from functools import cache
from importlib import import_module
from typing import Any

# Where httpx makes it; Any, for it is nothing that httpx shows.
_TRANSPORT: Any = import_module("httpx._transports.default")


def read_certificates_once() -> None:
    """Have all clients of this process that ask for the usual verification share its context."""
    make = _TRANSPORT.create_ssl_context
    usual = cache(make)

    def create_ssl_context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        is_usual = verify is True and cert is None and trust_env
        context: ssl.SSLContext = usual() if is_usual else make(verify, cert, trust_env)
        return context

    _TRANSPORT.create_ssl_context = create_ssl_context
