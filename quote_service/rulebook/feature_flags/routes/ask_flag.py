"""Other services ask what a feature flag says to a customer.

Source: docs/spec/feature-flags.md#evaluation.
"""

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from quote_service.platform.callers.access import granted
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.registry import Registry
from quote_service.pricing.flags.evaluation_figures import FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING
from quote_service.pricing.flags.flag_evaluation import Evaluation, EvaluationRequest
from quote_service.rulebook.feature_flags.operations.evaluate_flag import evaluate_flag
from quote_service.rulebook.feature_flags.routes.examples import EVALUATION, QUESTION
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder


@post(
    "/{key:str}/evaluate",
    status_code=200,
    opt={
        "access": granted("pricing_manager", "analyst", scopes=("flags:evaluate", "flags:write")),
        "described": Described(
            body=EvaluationRequest,
            body_example=QUESTION,
            answer=Evaluation,
            answer_example=EVALUATION,
            message="Feature flag evaluated",
        ),
    },
)
async def evaluate_feature_flag(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[bytes]:
    """Evaluate a feature flag for a customer.

    Use `region` when no full address is known. A tier and segments that are not given are those of the customer's record.
    Without the customer id or attribute that the flag hashes, the result is the flag's default, and `error_code` is
    `TARGETING_KEY_MISSING`.
    """
    asked = read_document(await request.body(), EvaluationRequest)
    parts = parts_of(request)
    rulebook = parts[RulebookHolder].rulebook
    if rulebook is None:
        raise Unavailable("The flags have not been loaded yet")
    answer = evaluate_flag(rulebook, key, asked, now_us())
    why = {"source": "api", "reason": answer.reason}
    parts[Registry].counter(FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING, why).add()
    return Response(envelope(answer, "Feature flag evaluated"), media_type="application/json")
