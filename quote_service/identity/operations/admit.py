"""Who is asking, may they, and how often: what every request is asked that is not public.

Source: `docs/spec/access.md`; `docs/spec/quotes.md`, limits and load.
"""

from collections.abc import Iterable

from quote_service.identity.operations.credentials import Credentials, caller_of_headers
from quote_service.identity.operations.rate_limits import RateLimits
from quote_service.platform.callers.access import Access, Caller
from quote_service.platform.system.errors import Forbidden, Unauthorized


def caller_with_access(
    headers: Iterable[tuple[bytes, bytes]], access: Access, credentials: Credentials, at_us: int
) -> Caller:
    """Who sends these headers, if that is somebody whom the route lets in.

    Raises:
        Unauthorized: There are no credentials, or none that hold.
        CredentialsAmbiguous: There are two.
        Unavailable: Who holds what has not been read since the process started.
        Forbidden: The caller has neither a role nor a scope that the route asks for.
    """
    caller = caller_of_headers(headers, credentials, at_us)
    if caller is None:
        raise Unauthorized("Send an API key in X-API-Key, or a bearer token in Authorization")
    if not access.allows(caller):
        raise Forbidden(_refusal(access, caller))
    return caller


def count_request(caller: Caller, limits: RateLimits) -> None:
    """Count one request of a caller against the rate limit, if the caller has one.

    Raises:
        RateLimited: It is used up.
    """
    if caller.rate_limit is not None:
        limits.spend(caller.id, caller.rate_limit)


def _refusal(access: Access, caller: Caller) -> str:
    """The sentence for a caller who is known but not let in."""
    wanted = access.wanted_scopes if caller.kind == "key" else sorted(access.roles)
    if not wanted:
        return "API keys cannot do this; log in as a person who may"
    what = "scopes" if caller.kind == "key" else "roles"
    return f"Requires one of the {what} {', '.join(wanted)}"
