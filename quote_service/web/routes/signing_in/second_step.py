"""The second step of signing in: a code, or the second factor set up where the role requires one.

Source: docs/spec/web.md#sessions; docs/spec/access.md#second-factor.
"""

from litestar import Response, post

from quote_service.identity.model.second_factors import FactorLogIn
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.log_in import enrol_by_challenge
from quote_service.identity.operations.people.page_sessions import sign_in_by_code, sign_in_by_enrolment
from quote_service.platform.http.callers import visit_of
from quote_service.platform.http.parts import parts_of
from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Conflict, Invalid, QuoteServiceError, TooMany, Unauthorized
from quote_service.web.rendering.qr_code import qr_picture
from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.page import PageRequest, first, form_of, page_of
from quote_service.web.routes.signing_in.session import lives_of, own_path, signed_in, with_session

_CHALLENGE_LENGTH_MAX, _CODE_LENGTH_MAX = 1000, 40


@post("/sign-in/code", status_code=200, opt={"page": FOR_EVERYBODY})
async def sign_in_with_code(request: PageRequest) -> Response[str]:
    """Check the code and begin a session."""
    parts, fields = parts_of(request), await form_of(request)
    given, wanted = _given(fields), own_path(first(fields, "next"))
    try:
        token = await sign_in_by_code(
            parts[Database], parts[Credentials], lives_of(parts[Settings]), given, visit_of(request)
        )
    except (Unauthorized, TooMany) as refused:
        return ask_for_code(request, given.challenge, wanted, refused)
    return signed_in(request, token, wanted)


@post("/sign-in/second-factor", status_code=200, opt={"page": FOR_EVERYBODY})
async def sign_in_with_new_factor(request: PageRequest) -> Response[str]:
    """Turn the second factor on by its first code, begin a session, and show the recovery codes."""
    parts, fields = parts_of(request), await form_of(request)
    given, wanted = _given(fields), own_path(first(fields, "next"))
    try:
        token, codes = await sign_in_by_enrolment(
            parts[Database], parts[Credentials], lives_of(parts[Settings]), given, visit_of(request)
        )
    except (Invalid, Conflict, TooMany, Unauthorized) as refused:
        return _setting_up(request, given.challenge, wanted, first(fields, "secret"), first(fields, "uri"), refused)
    shown = page_of(request).show("signing_in/recovery_codes.html", codes=codes, wanted=wanted)
    return with_session(request, shown, token)


def ask_for_code(
    request: PageRequest, challenge: str, wanted: str, refused: QuoteServiceError | None = None
) -> Response[str]:
    """The form for the code."""
    return page_of(request).show(
        "signing_in/code.html",
        status=200 if refused is None else STATUS_OF_KIND[refused.kind],
        challenge=challenge,
        wanted=wanted,
        fault="" if refused is None else refused.detail,
    )


async def set_factor_up(request: PageRequest, challenge: str, wanted: str) -> Response[str]:
    """The form that sets a second factor up, with a new secret."""
    parts = parts_of(request)
    made = await enrol_by_challenge(parts[Database], parts[Credentials], challenge, visit_of(request))
    return _setting_up(request, challenge, wanted, made.secret, made.uri)


def _setting_up(
    request: PageRequest,
    challenge: str,
    wanted: str,
    secret: str,
    uri: str,
    refused: QuoteServiceError | None = None,
) -> Response[str]:
    # What the browser sent is shown to it again; what is kept is not: it may be another by now.
    fault = "" if refused is None else refused.faults[0].detail if refused.faults else refused.detail
    return page_of(request).show(
        "signing_in/set_up.html",
        status=200 if refused is None else STATUS_OF_KIND[refused.kind],
        challenge=challenge,
        wanted=wanted,
        secret=secret,
        uri=uri,
        picture=qr_picture(uri[:500]),
        fault=fault,
    )


def _given(fields: dict[str, list[str]]) -> FactorLogIn:
    return FactorLogIn(first(fields, "challenge")[:_CHALLENGE_LENGTH_MAX], first(fields, "code")[:_CODE_LENGTH_MAX])
