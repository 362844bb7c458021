"""Every route of change sets, under its path."""

from litestar import Router

from quote_service.steering.change_sets.routes.change_sets import (
    create_draft_change_set,
    discard_draft_change_set,
    list_change_sets,
    replace_draft_change_set,
    resolve_change_set_conflicts,
    show_change_set,
)
from quote_service.steering.change_sets.routes.examples import EXAMPLES
from quote_service.steering.change_sets.routes.publishing import (
    cancel_change_set_publication,
    publish_draft_change_set,
    review_draft_change_set,
    roll_back_published_change_set,
)
from quote_service.steering.change_sets.routes.trying import (
    check_draft_change_set,
    replay_draft_change_set,
    simulate_draft_change_set,
)

change_sets = Router(
    "/api/v1/change-sets",
    route_handlers=[
        create_draft_change_set,
        list_change_sets,
        show_change_set,
        replace_draft_change_set,
        discard_draft_change_set,
        resolve_change_set_conflicts,
        check_draft_change_set,
        simulate_draft_change_set,
        replay_draft_change_set,
        review_draft_change_set,
        publish_draft_change_set,
        cancel_change_set_publication,
        roll_back_published_change_set,
    ],
    opt={"examples": EXAMPLES},
)
