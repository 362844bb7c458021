"""Who is asking, and what each kind of caller may do.

Two kinds call: checkout systems with an API key, which has scopes; and people with a token, who have a role. A route
names the roles and the scopes that it lets in (`Access`); a caller needs one of them. Admins may do everything.

Source: docs/spec/access.md#routes.
"""

from typing import Literal, get_args

import msgspec

from quote_service.platform.settings.rate_limit import RateLimit

Role = Literal["admin", "pricing_manager", "analyst", "user"]
Scope = Literal[
    "quote:write",
    "quote:read",
    "flash:purchase",
    "order:write",
    "flags:evaluate",
    "rates:write",
    "rules:write",
    "flags:write",
    "sales:write",
    "catalog:write",
    "reports:read",
    "telemetry:write",
    "competitors:write",
    "observations:write",
    "prices:read",
]
CallerKind = Literal["key", "user"]

ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)


class Caller(msgspec.Struct, frozen=True, gc=False):
    """An authenticated caller.

    `id` is the API key's id or the user's. `name` is fit for a log: the key's readable prefix, never its secret, and
    never a person's name. `rate_limit` None means unlimited; `expires_at_us` None means never. `session_id` is the session that
    a person's token belongs to, where it belongs to one.
    """

    kind: CallerKind
    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    rate_limit: RateLimit | None = None
    expires_at_us: int | None = None
    session_id: str | None = None

    @property
    def is_customer(self) -> bool:
        """Whether the caller is a shopper, who sees only what carries the shopper's own id."""
        return self.kind == "user" and self.roles == _CUSTOMER_ROLES

    def may_see(self, customer_id: str) -> bool:
        """Whether an object of this customer exists for the caller; a handler answers 404 where it does not."""
        return not self.is_customer or self.id == customer_id


class Access(msgspec.Struct, frozen=True):
    """Who a route lets in: any caller with one of the roles or one of the scopes, or with all scopes of `together`, or everyone if it is
    public."""

    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    public: bool = False
    together: frozenset[Scope] = frozenset()

    def allows(self, caller: Caller) -> bool:
        """Whether the caller has one of the roles or scopes, or those that let in together."""
        if not self.roles.isdisjoint(caller.roles) or not self.scopes.isdisjoint(caller.scopes):
            return True
        return bool(self.together) and self.together <= caller.scopes

    @property
    def wanted_scopes(self) -> tuple[str, ...]:
        """Each scope that lets in, those that do so together as one."""
        together = (" with ".join(sorted(self.together)),) if self.together else ()
        return (*sorted(self.scopes), *together)


_CUSTOMER_ROLES: frozenset[Role] = frozenset({"user"})


def granted(*roles: Role, scopes: tuple[Scope, ...] = ()) -> Access:
    """The access of a route for these roles and scopes; admin is always among the roles."""
    return Access(roles=frozenset((*roles, "admin")), scopes=frozenset(scopes))


def written_with(scope: Scope) -> Access:
    """The access of a route that changes a subject: for pricing managers, and for machines with the subject's scope."""
    return granted("pricing_manager", scopes=(scope,))


def read_with(*scopes: Scope) -> Access:
    """The access of a route that reads a subject: who writes it reads it too, and `reports:read` reads all of them."""
    return granted("pricing_manager", "analyst", scopes=(*scopes, "reports:read"))


PUBLIC = Access(public=True)
ADMINS = granted()
PEOPLE = granted("pricing_manager", "analyst", "user")
RATE_WRITERS, RATE_READERS = written_with("rates:write"), read_with("rates:write")
RULE_WRITERS, RULE_READERS = written_with("rules:write"), read_with("rules:write")
FLAG_WRITERS, FLAG_READERS = written_with("flags:write"), read_with("flags:write")
SALE_WRITERS, SALE_READERS = written_with("sales:write"), read_with("sales:write")
CATALOG_WRITERS, CATALOG_READERS = written_with("catalog:write"), read_with("catalog:write")
CAMPAIGN_WRITERS, CAMPAIGN_READERS = written_with("catalog:write"), read_with("catalog:write")
COMPETITOR_WRITERS, COMPETITOR_READERS = written_with("competitors:write"), read_with("competitors:write")
SIGNAL_WRITERS, SIGNAL_READERS = COMPETITOR_WRITERS, COMPETITOR_READERS
#: Partners and browser extensions tell what they saw, and read nothing.
OBSERVATION_WRITERS = granted("pricing_manager", scopes=("competitors:write", "observations:write"))
#: Within what prices may be decided by themselves; what was decided is read with it.
PRICE_POLICY_WRITERS, PRICE_DECISION_READERS = written_with("catalog:write"), read_with("catalog:write")
#: People alone decide what a machine may not: a key could not answer for a price.
PRICE_DECIDERS = granted("pricing_manager")
#: People alone draft, review and publish: a key could neither answer for a review nor be a second person.
CHANGE_SET_WRITERS = granted("pricing_manager")
CHANGE_SET_READERS = granted("pricing_manager", "analyst", scopes=("reports:read",))
#: Who shops, and who sells to shoppers: they see products, and not what those cost the shop.
PRODUCT_READERS = granted(
    "pricing_manager",
    "analyst",
    "user",
    scopes=("catalog:write", "reports:read", "prices:read", "quote:write", "quote:read"),
)
#: Who may know between which bounds a price moves: to whoever sells or reports elsewhere, that is how low it may go.
PRICE_BOUNDS_READERS = granted("pricing_manager", "analyst", scopes=("catalog:write", "prices:read"))
#: What says nothing without these bounds: the export of products, price policies, what a decision went by.
PRICE_LIMITS_READERS = Access(
    roles=PRICE_BOUNDS_READERS.roles,
    scopes=frozenset({"catalog:write"}),
    together=frozenset({"prices:read", "reports:read"}),
)
#: Checkouts know their customers, and may say their tier in a quote anyway; a shopper sees the shopper's own record.
CUSTOMER_WRITERS = granted(scopes=("quote:write",))
CUSTOMER_READERS = granted("user", scopes=("quote:write",))
#: What was earned and is owed; only admins move it, and only they see customers' accounts.
LEDGER_READERS = granted("analyst", scopes=("reports:read",))
#: What was quoted, sold and earned, of nobody in particular.
REPORT_READERS = read_with()
#: Try rules and rates out before they are written; a simulation supposes flags too.
RULEBOOK_TESTERS = read_with("rates:write", "rules:write", "flags:write")
#: Checkouts order, cancel and deliver; shoppers order for themselves, and see and cancel their own orders.
ORDER_WRITERS = granted(scopes=("order:write",))
ORDER_PLACERS = granted("user", scopes=("order:write",))
ORDER_READERS = granted("analyst", "user", scopes=("order:write", "reports:read"))
#: Who may see who did what to an order.
ORDER_WATCHERS = granted("analyst", scopes=("order:write", "reports:read"))
