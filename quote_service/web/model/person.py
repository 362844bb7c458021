"""Who looks at a page.

Source: docs/spec/web.md#roles.
"""

import msgspec

from quote_service.identity.model.people import User
from quote_service.platform.callers.access import Role

STAFF: frozenset[Role] = frozenset({"admin", "pricing_manager", "analyst"})
_ROLE_NAMES: dict[Role, str] = {
    "admin": "Admin",
    "pricing_manager": "Pricing manager",
    "analyst": "Analyst",
    "user": "Shopper",
}


class Person(msgspec.Struct, frozen=True):
    """A person who is signed in; `csrf` is what every change of theirs must carry.

    `session_id` is their session, and `generation` that of their sessions: it goes up with each change that ends them all.
    """

    user: User
    csrf: str
    session_id: str
    generation: int

    @property
    def role(self) -> Role:
        """The role, which decides what the API lets them do."""
        return self.user.role

    @property
    def is_staff(self) -> bool:
        """Whether the person works for the shop, and sees the admin."""
        return self.user.role in STAFF

    @property
    def role_name(self) -> str:
        """The role in words."""
        return _ROLE_NAMES[self.user.role]

    def is_one_of(self, *roles: Role) -> bool:
        """Whether the person has one of these roles; an admin has them all."""
        return self.user.role == "admin" or self.user.role in roles
