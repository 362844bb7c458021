"""What a browser keeps while its person is at the provider: sealed, for ten minutes, and for this browser alone.

Whoever comes back must bring the state that was sent along; the code is worth nothing without the verifier, and the token must
carry the nonce. So neither a link that somebody else made nor a code that somebody else got leads to a session.

Source: docs/spec/access.md#sign-in-provider; RFC 7636 (PKCE); RFC 9700, 4.7.
"""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

import msgspec

from quote_service.platform.settings import Keys
from quote_service.platform.system.instants import SECOND_US
from quote_service.platform.system.sealing import Seal, SealedSecret, SecretLost

FLOW_SECONDS = 600
_PURPOSE = b"quote-service sign-in flows"
_NO_ROW = UUID(int=0)
_RANDOM_BYTES = 32


class LinkingSession(msgspec.Struct, frozen=True):
    """The person who links an identity, the session in which that began, and the generation of the person's sessions."""

    user_id: str
    session_id: str
    generation: int


class Flow(msgspec.Struct, frozen=True):
    """One way to the provider and back; `link` is for whom and from where an identity is linked, None for signing in."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    link: LinkingSession | None
    ends_at_us: int

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def new_flow(wanted: str, link: LinkingSession | None, at_us: int) -> Flow:
    """A way that begins now."""
    state, nonce, verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3))
    return Flow(state, nonce, verifier, wanted, link, at_us + FLOW_SECONDS * SECOND_US)


class Flows:
    """Writes flows into cookies and reads them out of them."""

    def __init__(self, keys: Keys) -> None:
        self._seal = Seal(keys, _PURPOSE)

    def write(self, flow: Flow) -> str:
        """What the cookie holds."""
        sealed = self._seal.seal(_NO_ROW, msgspec.json.encode(flow))
        return f"{sealed.key_id}.{base64.urlsafe_b64encode(sealed.text).rstrip(b'=').decode()}"

    def read(self, text: str, state: str, at_us: int) -> Flow | None:
        """The flow, if it is this state's and has not taken too long."""
        key_id, _, sealed = text.partition(".")
        try:
            padded = sealed + "=" * (-len(sealed) % 4)
            opened = self._seal.open(_NO_ROW, SealedSecret(base64.urlsafe_b64decode(padded), key_id))
            flow = msgspec.json.decode(opened, type=Flow)
        except (SecretLost, ValueError, msgspec.MsgspecError):
            return None
        is_ours = hmac.compare_digest(flow.state.encode(), state.encode())
        return flow if is_ours and at_us < flow.ends_at_us else None
