"""The second factor: six digits that an authenticator app makes from a shared secret and the time, or a recovery code.

Source: docs/spec/access.md#second-factor; RFC 6238 (TOTP).
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from quote_service.identity.model.people import GivenPassword

STEP_SECONDS = 30
DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_BITS = 80
# A step to either side, for clocks that differ and for whoever types slowly.
_STEPS_APART = 1
# Without letters that are taken for one another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz023456789"

CodeKind = Literal["totp", "recovery_code"]
GivenCode = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class SecondFactor(msgspec.Struct, frozen=True):
    """Whether your sign-in takes a second factor."""

    since: datetime | None
    """Since when a code is asked for; null while none is."""
    is_required: bool
    """Whether your role requires one."""
    takes_password: bool
    """Whether setting one up takes the current password; false for an account that has none."""
    recovery_codes_left: int
    """How many recovery codes have not been used."""


class FactorStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The current password, as proof."""

    current_password: GivenPassword | None = None
    """The password that is valid now; null only if the account has none."""


class FactorSecret(msgspec.Struct, frozen=True):
    """A secret for an authenticator app, which is shown only once."""

    secret: str
    """The secret in base32, for apps that it is typed into."""
    uri: str
    """The same as `otpauth://` URI, which apps read from a QR code."""


class FactorCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code."""

    code: GivenCode
    """Six digits from the authenticator app, or a recovery code."""


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The current password or a code, as proof that it is still you; one of the two."""

    current_password: GivenPassword | None = None
    """The password that is valid now."""
    code: GivenCode | None = None
    """Six digits from the authenticator app, or a recovery code."""


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Recovery codes, which are shown only once."""

    recovery_codes: list[str]
    """Codes for when the authenticator app is lost; each works once."""


class FactorLogIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The second step of logging in."""

    challenge: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    """`challenge` of the problem that the first step was answered with."""
    code: GivenCode
    """Six digits from the authenticator app, or a recovery code."""


def step_of(code: str, at_us: int, last_step: int, code_at: Callable[[int], str]) -> int | None:
    """The time step whose code this is; None if it is of no step near now, or of one that has been used.

    Args:
        code: What was given; white space does not count.
        at_us: Now.
        last_step: The step of the last code that was taken: neither it nor any before it is taken again.
        code_at: The code of a step.
    """
    given = "".join(code.split())
    now = at_us // (STEP_SECONDS * 1_000_000)
    found = None
    # All of them, so that the time it takes reveals nothing.
    for step in range(now - _STEPS_APART, now + _STEPS_APART + 1):
        if hmac.compare_digest(code_at(step).encode(), given.encode()) and step > last_step:
            found = step
    return found


def write_recovery_code(bits: int) -> str:
    """A recovery code of RECOVERY_BITS random bits."""
    letters = "".join(_LETTERS[bits >> shift & 31] for shift in range(0, RECOVERY_BITS, 5))
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def recovery_digest(code: str) -> bytes:
    """What is kept of a recovery code, however it is written: 80 random bits need no slow hash."""
    return hashlib.sha256("".join(code.split()).replace("-", "").lower().encode()).digest()
