"""Why somebody is not let in, or an account cannot be changed.

Source: docs/spec/access.md.
"""

from quote_service.platform.system.errors import Conflict, Forbidden, QuoteServiceError, Unauthorized


class SecondFactorRequired(Unauthorized):
    """`challenge` is what the code is to be sent with."""

    code = "second-factor-required"
    title = "Second factor required"
    challenge: str


class SecondFactorMissing(Forbidden):
    """`challenge` lets a page of ours set the second factor up; it is not part of the answer."""

    code = "second-factor-missing"
    title = "Second factor missing"

    def __init__(self, detail: str, *, challenge: str = "") -> None:
        super().__init__(detail)
        self.challenge = challenge


class ProofRequired(Forbidden):
    code = "proof-required"
    title = "Proof required"


class CredentialsAmbiguous(QuoteServiceError):
    kind = "malformed"
    code = "credentials-ambiguous"
    title = "More than one credential"


class LastAdmin(Conflict):
    code = "last-admin"
    title = "Last admin"
