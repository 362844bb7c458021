"""The connection, or the change on it, that a handler asks for by the type of a parameter.

It is opened last, once everything that was sent has been read and checked, and closed before the answer is sent: so what
the commit is refused for is an answer as well.

Source: docs/decisions/endpoints.md.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, NamedTuple

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database


class Opened(NamedTuple):
    """A connection for as long as the handler runs."""

    by: Callable[[Database], AbstractAsyncContextManager[Connection]]


class Created(NamedTuple):
    """A transaction whose answer is kept under the request's Idempotency-Key (platform/http/idempotency).

    Attributes:
        secret: What is sent or answered is a secret; what is kept of it is sealed.
    """

    secret: bool = False


Reading = Annotated[Connection, Opened(lambda database: database.read())]
Snapshot = Annotated[Connection, Opened(lambda database: database.snapshot())]
Writing = Annotated[Connection, Opened(lambda database: database.transaction())]
Creating = Annotated[Connection, Created()]
CreatingSecret = Annotated[Connection, Created(secret=True)]
#: The same with its author: what operations take that change something.
WritingChange = Annotated[Change, Opened(lambda database: database.transaction())]
CreatingChange = Annotated[Change, Created()]
CreatingSecretChange = Annotated[Change, Created(secret=True)]
