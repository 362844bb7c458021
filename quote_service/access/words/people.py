"""People who log in, and what an admin says of them.

Source: spec 8.
"""

import re
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.domain.access import Role
from quote_service.domain.errors import Fault

PASSWORD_LENGTH_MIN = 12

# A blank or a second @ is a slip; whether anybody reads mail there is not ours to know.
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,189}")

Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
# Long enough for a passphrase, short enough that hashing it costs nothing more.
NewPassword = Annotated[str, msgspec.Meta(min_length=PASSWORD_LENGTH_MIN, max_length=128)]
GivenPassword = Annotated[str, msgspec.Meta(max_length=128)]


class User(msgspec.Struct, frozen=True):
    """A person as shown; nothing of the password is."""

    id: str
    email: str
    role: Role
    is_active: bool
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None
    version: int


class Account(msgspec.Struct, frozen=True):
    """A person with what logging in needs: the password's hash, and the generation new tokens belong to."""

    user: User
    password_hash: str
    generation: int


class UserDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person to be let in."""

    email: Email
    password: NewPassword
    role: Role


class UserPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to change of a person; a field left out stays. A new password ends every session."""

    role: Role | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    password: NewPassword | UnsetType = UNSET


class LogIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person at the door."""

    email: Email
    password: GivenPassword


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person changes the password, and proves to be that person once more."""

    current_password: GivenPassword
    new_password: NewPassword


class RefreshRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refresh token, to be changed for a new pair or to be ended."""

    refresh_token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Session(msgspec.Struct, frozen=True):
    """What logging in gives: a short token to send with requests, and one to get the next pair with, once."""

    access_token: str
    token_type: str
    expires_in_seconds: int
    refresh_token: str
    refresh_expires_in_seconds: int
    user: User


def email_of(written: str) -> str:
    """One spelling of an address: trimmed, lower case."""
    return written.strip().lower()


def user_faults(draft: UserDraft) -> tuple[Fault, ...]:
    """What is wrong with a well-formed draft."""
    faults = []
    if not _EMAIL.fullmatch(email_of(draft.email)):
        faults.append(Fault("/email", "is no e-mail address"))
    if draft.password.strip().lower() == email_of(draft.email):
        faults.append(Fault("/password", "must not be the e-mail address"))
    return tuple(faults)
