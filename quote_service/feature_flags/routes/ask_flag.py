"""Other services ask what a feature flag says to a customer.

Source: spec 6, Evaluation.
"""

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from quote_service.api.described import Described
from quote_service.api.feature_flags.examples import EVALUATION, QUESTION
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.documents import envelope, read_document
from quote_service.api.worker_figures import FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING
from quote_service.domain.access import granted
from quote_service.domain.errors import Unavailable
from quote_service.domain.flag_evaluation import Evaluation, EvaluationRequest
from quote_service.flows.evaluate_flag import evaluate_flag
from quote_service.system.clock import now_us


@post(
    "/{key:str}/evaluate",
    status_code=200,
    opt={
        "access": granted("pricing_manager", "analyst", scopes=("flags:evaluate",)),
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
    """What a feature flag says to somebody, and why.

    `region` stands for an address of which no more is known. A flag that hashes a customer or an attribute which is not
    given says its default.
    """
    asked = read_document(await request.body(), EvaluationRequest)
    runtime = runtime_of(request)
    rulebook = runtime.rulebook.rulebook
    if rulebook is None:
        raise Unavailable("The flags have not been loaded yet")
    answer = evaluate_flag(rulebook, key, asked, now_us())
    why = {"source": "api", "reason": answer.reason}
    runtime.registry.counter(FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING, why).add()
    return Response(envelope(answer, "Feature flag evaluated"), media_type="application/json")
