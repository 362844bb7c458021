"""Who is asking, and what each kind of caller may do.

Two kinds call: checkout systems with an API key, which has scopes; and people with a token, who have a role. A route
names the roles and the scopes that it lets in (`Access`); a caller needs one of them. Admins may do everything.

Source: spec 8.
"""

from typing import Annotated, Literal, get_args

import msgspec

Role = Literal["admin", "pricing_manager", "analyst", "user"]
Scope = Literal["quote:write", "quote:read", "flash:purchase", "order:write", "flags:evaluate", "telemetry:write"]
CallerKind = Literal["key", "user"]

ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)

RATE_PER_SECOND_MAX = 1_000_000


class RateLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token bucket: it fills at `requests_per_second` and holds `burst` requests at most."""

    requests_per_second: Annotated[int, msgspec.Meta(ge=1, le=RATE_PER_SECOND_MAX)]
    burst: Annotated[int, msgspec.Meta(ge=1, le=RATE_PER_SECOND_MAX)]


#: What a key gets whose maker names no limit; `null` asks for none.
DEFAULT_RATE_LIMIT = RateLimit(requests_per_second=100, burst=200)


class Caller(msgspec.Struct, frozen=True, gc=False):
    """An authenticated caller.

    `id` is the API key's id or the user's. `name` is fit for a log: the key's readable prefix, never its secret, and
    never a person's name. `rate_limit` None means unlimited; `expires_at_us` None means never.
    """

    kind: CallerKind
    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    rate_limit: RateLimit | None = None
    expires_at_us: int | None = None

    @property
    def is_customer(self) -> bool:
        """Whether the caller is a shopper, who sees only what carries the shopper's own id."""
        return self.kind == "user" and self.roles == _CUSTOMER_ROLES

    def may_see(self, customer_id: str) -> bool:
        """Whether an object of this customer exists for the caller; a handler answers 404 where it does not."""
        return not self.is_customer or self.id == customer_id


class Access(msgspec.Struct, frozen=True):
    """Who a route lets in: any caller with one of the roles or one of the scopes, or everyone if it is public."""

    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    public: bool = False

    def allows(self, caller: Caller) -> bool:
        """Whether the caller has one of the roles or scopes."""
        return not self.roles.isdisjoint(caller.roles) or not self.scopes.isdisjoint(caller.scopes)


_CUSTOMER_ROLES: frozenset[Role] = frozenset({"user"})


def granted(*roles: Role, scopes: tuple[Scope, ...] = ()) -> Access:
    """The access of a route for these roles and scopes; admin is always among the roles."""
    return Access(roles=frozenset((*roles, "admin")), scopes=frozenset(scopes))


PUBLIC = Access(public=True)
ADMINS = granted()
PRICING = granted("pricing_manager")
READERS = granted("pricing_manager", "analyst")
PEOPLE = granted("pricing_manager", "analyst", "user")
