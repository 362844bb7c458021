"""The parts of the process that answers a request."""

from typing import Any, cast

from litestar.connection import ASGIConnection

from quote_service.platform.system.parts import Parts


def parts_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Parts:
    """The parts of the process whose application handles the request."""
    return cast("Parts", connection.app.state.parts)
