"""Other services ask what a feature flag says to a customer.

Source: docs/spec/feature-flags.md#evaluation.
"""

from litestar.params import FromPath

from quote_service.platform.callers.access import granted
from quote_service.platform.http.endpoints.endpoint import post
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
    access=granted("pricing_manager", "analyst", scopes=("flags:evaluate", "flags:write")),
    body_example=QUESTION,
    example=EVALUATION,
    message="Feature flag evaluated",
)
async def evaluate_feature_flag(
    rulebook_holder: RulebookHolder, registry: Registry, key: FromPath[str], data: EvaluationRequest
) -> Evaluation:
    """Evaluate a feature flag for a customer.

    Use `region` when no full address is known. A tier and segments that are not given are those of the customer's record.
    Without the customer id or attribute that the flag hashes, the result is the flag's default, and `error_code` is
    `TARGETING_KEY_MISSING`.
    """
    rulebook = rulebook_holder.rulebook
    if rulebook is None:
        raise Unavailable("The flags have not been loaded yet")
    answer = evaluate_flag(rulebook, key, data, now_us())
    why = {"source": "api", "reason": answer.reason}
    registry.counter(FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING, why).add()
    return answer
