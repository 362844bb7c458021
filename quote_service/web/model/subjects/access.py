"""Who may sign in or call, who is told, and what was changed.

Source: docs/spec/web.md#areas.
"""

from quote_service.web.model.subjects.subject import ACTIVE, Action, Beside, Column, Filter, Subject

PEOPLE = Subject(
    "people",
    "person",
    "People",
    "Who may sign in, and as what.",
    "/api/v1/users",
    (
        Column("E-mail address", "email"),
        Column("Role", "role", "tag"),
        Column("Active", "is_active", "switch"),
        Column("Second factor", "second_factor_since", "instant"),
        Column("Last signed in", "last_login_at", "instant"),
    ),
    title="email",
    filters=(
        Filter("role", "Role", ("admin", "pricing_manager", "analyst", "user")),
        Filter("email", "E-mail address"),
        ACTIVE,
    ),
    draft="UserDraft",
    change="UserPatch",
    change_method="PATCH",
    actions=(
        Action(
            "reset-link",
            "Link for a new password",
            "POST",
            "/password-reset",
            "You get a link for this person, who sets a new password with it. It works once, and for an hour.",
            False,
            ("is_active", ("True",)),
            (),
            shows_once="path",
        ),
        Action(
            "reset-factor",
            "Reset the second factor",
            "DELETE",
            "/second-factor",
            "Every session of this person ends, and the next sign-in takes the password alone.",
            False,
            ("second_factor_since", ()),
            (),
        ),
    ),
    readers=(),
    writers=(),
)

KEYS = Subject(
    "api-keys",
    "API key",
    "API keys",
    "Programs that call the API. A key is shown once, when it is made.",
    "/api/v1/api-keys",
    (
        Column("Name", "name"),
        Column("Prefix", "prefix", "code"),
        Column("Scopes", "scopes", "words"),
        Column("Last used", "last_used_at", "instant"),
        Column("Expires", "expires_at", "instant"),
        Column("Revoked", "revoked_at", "instant"),
    ),
    filters=(Filter("name", "Name"), Filter("is_revoked", "Revoked", ("true", "false"))),
    draft="ApiKeyDraft",
    change="ApiKeyPatch",
    change_method="PATCH",
    actions=(
        Action("revoke", "Revoke it", "DELETE", "", "Whoever uses it is refused within a second.", True, None, ()),
    ),
    readers=(),
    writers=(),
)

WEBHOOKS = Subject(
    "webhooks",
    "webhook",
    "Webhooks",
    "Endpoints that receive events.",
    "/api/v1/webhooks",
    (
        Column("Address", "url", "code"),
        Column("Events", "event_types", "words"),
        Column("On", "is_enabled", "switch"),
        Column("Created", "created_at", "instant"),
    ),
    title="url",
    draft="EndpointDraft",
    change="EndpointPatch",
    change_method="PATCH",
    actions=(
        Action("test", "Send a test", "POST", "/test", "", False, None, ()),
        Action("remove", "Remove it", "DELETE", "", "Nothing is sent to it any more.", True, None, ()),
    ),
    beside=(
        Beside(
            "Deliveries",
            "/deliveries",
            (
                Column("At", "time", "instant"),
                Column("Event", "type", "code"),
                Column("Status", "status", "tag"),
                Column("Attempts", "attempts", "number"),
                Column("Last error", "last_error"),
            ),
        ),
    ),
    readers=(),
    writers=(),
)

AUDIT = Subject(
    "audit",
    "change",
    "Audit log",
    "Who changed what, with before and after.",
    "/api/v1/audit",
    (
        Column("At", "at", "instant"),
        Column("What", "action", "code"),
        Column("Of", "object_kind"),
        Column("Id", "object_id", "id"),
        Column("By", "actor", "id"),
        Column("What changed", "before", "changes"),
    ),
    title="id",
    filters=(
        Filter("object_kind", "Kind"),
        Filter("object_id", "Id of the object"),
        Filter("actor", "By"),
        Filter("action", "What"),
    ),
    readers=(),
    writers=(),
)

DEAD_LETTERS = Subject(
    "dead-letters",
    "dead letter",
    "Dead letters",
    "Events that a consumer could not handle.",
    "/api/v1/event-bus/dead-letters",
    (
        Column("Consumers", "consumer_group", "code"),
        Column("Topic", "topic", "code"),
        Column("Type", "type", "code"),
        Column("Status", "status", "tag"),
        Column("Tried", "attempts", "number"),
        Column("Why", "last_error"),
        Column("Failed", "last_failed_at", "instant"),
    ),
    title="type",
    filters=(
        Filter("consumer_group", "Consumers"),
        Filter("topic", "Topic", ("price-updates", "competitor-data", "user-behavior", "decisions")),
        Filter("status", "Status", ("retrying", "dead")),
    ),
    actions=(
        Action("retry", "Try it again", "POST", "/retry", needs_version=False, roles=()),
        Action(
            "discard",
            "Discard it",
            "DELETE",
            "",
            "These consumers never handle its event. The audit log keeps which one it was.",
            False,
            None,
            (),
            removes=True,
        ),
    ),
    readers=(),
    writers=(),
    pages=(("Event bus", "/admin/event-bus"),),
)
