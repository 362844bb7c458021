"""The routes of feature flags."""

from litestar import Router

from quote_service.rulebook.feature_flags.routes.ask_flag import evaluate_feature_flag
from quote_service.rulebook.feature_flags.routes.preview_flag import preview_feature_flag
from quote_service.rulebook.feature_flags.routes.read_flags import (
    list_feature_flag_versions,
    list_feature_flags,
    show_feature_flag,
    show_feature_flag_by_key,
)
from quote_service.rulebook.feature_flags.routes.write_flags import (
    add_feature_flag,
    archive_feature_flag,
    kill_feature_flag,
    rearm_feature_flag,
    replace_feature_flag,
)

feature_flags = Router(
    "/api/v1/feature-flags",
    route_handlers=[
        add_feature_flag,
        list_feature_flags,
        show_feature_flag,
        show_feature_flag_by_key,
        replace_feature_flag,
        archive_feature_flag,
        list_feature_flag_versions,
        kill_feature_flag,
        rearm_feature_flag,
        evaluate_feature_flag,
        preview_feature_flag,
    ],
)
