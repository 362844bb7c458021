"""People who log in, and what an admin says of them.

Source: docs/spec/access.md#people.
"""

import re
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.callers.access import Role
from quote_service.platform.system.errors import Fault

PASSWORD_LENGTH_MIN = 12

# A blank or a second @ is a slip; whether anybody reads mail there is not ours to know.
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,189}")

Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
# Long enough for a passphrase, short enough that hashing it costs nothing more.
NewPassword = Annotated[str, msgspec.Meta(min_length=PASSWORD_LENGTH_MIN, max_length=128)]
GivenPassword = Annotated[str, msgspec.Meta(max_length=128)]


class User(msgspec.Struct, frozen=True):
    """A user, without the password."""

    id: str
    """Identifies the user."""
    email: str
    """E-mail address the user logs in with."""
    role: Role
    """What the user may do."""
    is_active: bool
    """Whether the user may log in."""
    created_at: datetime
    """When the user was created."""
    updated_at: datetime
    """When the user was last changed."""
    last_login_at: datetime | None
    """When the user last logged in; null for never."""
    second_factor_since: datetime | None
    """Since when logging in also takes a code from the user's authenticator app; null while it does not."""
    version: int
    """Version of the user, from 1; it goes up with every change, and `ETag` follows it."""


class Account(msgspec.Struct, frozen=True):
    """A person with what logging in needs: the password's hash, and the generation new tokens belong to."""

    user: User
    password_hash: str
    generation: int

    @property
    def has_password(self) -> bool:
        """Whether the person can log in with a password at all."""
        return self.password_hash.startswith("$")


class UserDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A user to create."""

    email: Email
    """E-mail address the user logs in with; unique, and compared without regard to case."""
    password: NewPassword
    """The password, of at least 12 characters; not the e-mail address."""
    role: Role
    """What the user may do."""


class UserPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes to a user; a field that is left out is kept. A new password ends every session."""

    role: Role | UnsetType = UNSET
    """What the user may do; left out to keep it."""
    is_active: bool | UnsetType = UNSET
    """Whether the user may log in; left out to keep it."""
    password: NewPassword | UnsetType = UNSET
    """A new password, of at least 12 characters, which ends every session of the user; left out to keep the password.
    """


class LogIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The credentials of a user."""

    email: Email
    """E-mail address of the user."""
    password: GivenPassword
    """Password of the user."""


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new password, with the current one as proof."""

    current_password: GivenPassword
    """The password that is valid now."""
    new_password: NewPassword
    """The new password, of at least 12 characters."""


class ResetLink(msgspec.Struct, frozen=True):
    """A link by which a user sets a new password, which is shown only once."""

    token: str
    """What `POST /api/v1/auth/password-reset` takes."""
    path: str
    """Path and query of the page that sets the password, to be put behind the address of the service."""
    expires_at: datetime
    """When the link stops working; it works once."""


class PasswordReset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new password, with the token of a link as proof."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """The token of the link."""
    new_password: NewPassword
    """The new password, of at least 12 characters; not the e-mail address."""


class RefreshRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refresh token to exchange for a new pair, or to revoke."""

    refresh_token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """The refresh token that the last login or refresh gave."""


class Session(msgspec.Struct, frozen=True):
    """A short-lived access token, and a refresh token that gets the next pair once."""

    access_token: str
    """JSON Web Token for the header `Authorization: Bearer`."""
    token_type: str
    """Always `Bearer`."""
    expires_in_seconds: int
    """Seconds until the access token expires."""
    refresh_token: str
    """Token that gives the next session; it works once."""
    refresh_expires_in_seconds: int
    """Seconds until the refresh token expires."""
    user: User
    """The user who logged in."""


def audited_user(user: User) -> User:
    """A user as the audit log keeps one: whoever is erased must not be left in rows that can never be changed."""
    return msgspec.structs.replace(user, email="given")


def email_of(written: str) -> str:
    """One spelling of an address: trimmed, lower case."""
    return written.strip().lower()


def is_email(spelled: str) -> bool:
    """Whether an address in its one spelling has the form of one; whether anybody reads mail there is not asked."""
    return _EMAIL.fullmatch(spelled) is not None


def user_faults(draft: UserDraft) -> tuple[Fault, ...]:
    """What is wrong with a well-formed draft."""
    faults = []
    if not is_email(email_of(draft.email)):
        faults.append(Fault("/email", "is not an e-mail address"))
    if draft.password.strip().lower() == email_of(draft.email):
        faults.append(Fault("/password", "must not be the e-mail address"))
    return tuple(faults)
