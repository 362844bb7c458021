"""A request as the framework hands it on, and the parts of the process that answers it.

Handlers ask for what they need by its type (platform/http/endpoints). This is for what stands around them:
the hooks in front, what reads a parameter, and pages.
"""

from typing import Any, cast

from litestar import Request
from litestar.connection import ASGIConnection

from quote_service.platform.system.parts import Parts

#: The framework's types of user, credentials and state are not used here.
AnyRequest = Request[Any, Any, Any]


def parts_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Parts:
    """The parts of the process whose application handles the request."""
    return cast("Parts", connection.app.state.parts)
