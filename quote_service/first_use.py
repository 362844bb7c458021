"""Price intelligence is set up at its first use: a request for anything of it has its packages installed, and is told of them.

Source: docs/spec/operations.md#packages.
"""

from collections.abc import MutableMapping
from typing import Any, Final

from quote_service.platform.http.edge import Application, Message, Receive, Send
from quote_service.platform.system.packages import IntelligencePackages
from quote_service.routes import PRICE_INTELLIGENCE
from quote_service.web.model.navigation import INTELLIGENCE_AREAS

NOTICE: Final = "X-Price-Intelligence"
_PLACES: Final = (*(router.path for router in PRICE_INTELLIGENCE), *(area.path for area in INTELLIGENCE_AREAS))


class FirstUse:
    """Wraps the application of a development service that lacks the packages."""

    __slots__ = ("_inner", "_packages")

    def __init__(self, inner: Application, packages: IntelligencePackages) -> None:
        self._inner = inner
        self._packages = packages

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_price_intelligence(scope["path"]) or not self._packages.missing:
            await self._inner(scope, receive, send)
            return

        async def send_notice(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                self._packages.want()
                if notice := self._packages.notice:
                    message["headers"] = [*message.get("headers", ()), (NOTICE.lower().encode(), notice.encode())]
            await send(message)

        await self._inner(scope, receive, send_notice)


def is_price_intelligence(path: str) -> bool:
    """Whether a path of the API or the admin belongs to price intelligence."""
    return any(path == place or path.startswith(f"{place}/") for place in _PLACES)
