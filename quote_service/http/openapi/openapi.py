"""The OpenAPI 3.1 document, made from the routes as they stand: their paths, docstrings, access and `Described`.

Source: docs/spec/operations.md#api-description.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from quote_service.access.words.access import Access
from quote_service.http.cursors import LIMIT_DEFAULT, LIMIT_MAX
from quote_service.http.openapi.code_samples import code_samples
from quote_service.http.openapi.described import Described, Form
from quote_service.http.openapi.field_docs import field_doc
from quote_service.http.openapi.openapi_problems import PROBLEM_SCHEMAS, OtherForm, problem_responses
from quote_service.http.openapi.schemas import schemas_of

INFO = {
    "title": "Quote service",
    "version": "1",
    "summary": "Binding, explained, signed price quotes with commission, exact to the cent.",
    "description": (
        "Amounts are JSON numbers with exactly the digits of their currency, and may be sent as numbers or strings. "
        "Times are RFC 3339 with an offset. Errors are problem documents (RFC 9457) that name each field at fault by "
        "a JSON Pointer."
    ),
}
SECURITY_SCHEMES = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "For checkout systems and other machines.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "For users, who get a token when they log in.",
    },
}
_PAGE_PARAMETERS = (
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
        "description": "Maximum number of results per page.",
    },
    {
        "name": "cursor",
        "in": "query",
        "schema": {"type": "string"},
        "description": "`next_cursor` of the previous page.",
    },
)
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
    "description": "Makes a request safe to repeat: the first success is kept for 24 hours and returned again for the same key and request. Errors are not kept.",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "ETag of the version you read. If it is no longer current, the request fails with 412 and changes nothing.",
}
# Answers that are no JSON are text as far as a schema can say.
_TEXTS: dict[Form, tuple[str, str]] = {
    "page": ("text/html", "An HTML page."),
    "text": ("text/plain", "Plain text."),
    "events": ("text/event-stream", "A stream of server-sent events."),
    "csv": ("text/csv", "CSV with a header line."),
}
_SUCCESS = {"const": True, "description": "Always `true`; a failure is a problem document."}
_MESSAGE = {"type": "string", "description": "What was done, in words."}
_PAGE_EXAMPLE = '<!doctype html><html lang="en"><title>Quote service API</title></html>'
_PATH_PARAMETER = re.compile(r"{([^}]+)}")
_METHODS = ("get", "post", "put", "patch", "delete")
# What a reader comes for stands first; the other subjects follow by name.
_TAGS = {
    "Quotes": "Binding prices for baskets: issue, read, verify, accept, explain and simulate them.",
    "Commission rates": "What the marketplace charges sellers.",
    "Pricing rules": "Fees, taxes, promotions and coupons, in versions.",
    "Products": "What is sold, for how much, and what it cost before.",
    "Categories": "The tree that products are sorted into.",
    "Sellers": "Who sells products.",
    "Imports": "How far imports are, and what became of them.",
    "Inventory": "How many units there are of products and variants, and every change of that.",
    "Customers": "Customers with their tier and segments.",
    "Competitors": "Whose prices are watched, and which of their SKUs is which product.",
    "Competitor prices": "What competitors charge for a product now, and whether it may be compared.",
    "Sources": "Where competitors' prices come from: pages, feeds, APIs and what is pushed.",
    "Listings": "What competitors offer, which product it is, and what it cost.",
    "Observations": "Prices of competitors that somebody has seen.",
    "Market": "How prices go, what is sold at them, how competitors price, and how much prices vary.",
    "Signals": "What somebody should look at: prices that jump, price wars, surges, low stock, odd prices, silent sources.",
    "Signal thresholds": "From which figure on signals are raised, of a product, a category or everything.",
    "Price experiments": "Whether other prices earn more, by clusters of products or stretches of time.",
    "Price performance": "What decided prices brought beside those that people had confirmed.",
    "Price policies": "How prices may move by themselves, and within what.",
    "Decisions": "Prices that were proposed or set, why, and what people do with them.",
    "Price models": "What was learnt about demand.",
    "Behaviour": "What shoppers do with products: reported, and summed up.",
    "Event bus": "How events of products are published and handled, and those that could not be.",
    "Replay": "What a change would have done to quotes that were accepted.",
    "Change sets": "Changes of rules, rates, flags and prices that are reviewed, published and rolled back together.",
    "Campaigns": "Prices that follow demand for a while, within a limit.",
    "Webhooks": "Endpoints that are told what happens, and what became of it.",
    "Orders": "Quotes that were bought: placing, fulfilling and cancelling them.",
    "Ledger": "Money that moved: accounts, entries, statements and payouts of sellers.",
    "Analytics": "What was quoted, sold and earned.",
    "Rulebook": "Checks over all pricing rules and commission rates together.",
    "Feature flags": "Values that depend on the customer: rollouts, variants and switches.",
    "OFREP": "Feature flags for OpenFeature SDKs, by the OpenFeature Remote Evaluation Protocol.",
    "Flash sales": "Limited stock at a special price for a limited time.",
    "Purchases": "What customers buy in flash sales.",
    "API keys": "Credentials of checkout systems.",
    "Audit": "Who changed what, and when.",
    "Auth": "Log in, refresh and end sessions, change one's password.",
    "Documentation": "This description, and pages about problems.",
    "Health": "Whether the process is alive and ready, for load balancers.",
    "Service": "Metrics of the running process.",
    "Users": "People who can log in, and their roles.",
}
_PATH_PARAMETERS = {
    "account_id": "Id of the account.",
    "campaign_id": "Id of the campaign.",
    "category_id": "Id of the category.",
    "change_id": "Id of the price change.",
    "set_id": "Id of the change set.",
    "code": "Code of the problem: the last part of its `type`.",
    "competitor_id": "Id of the competitor.",
    "customer_id": "Id of the customer.",
    "endpoint_id": "Id of the webhook endpoint.",
    "event_id": "Id of the event: the `webhook-id` of its delivery.",
    "flag_id": "Id of the feature flag.",
    "identity_id": "Id of the link.",
    "import_id": "Id of the import.",
    "key_id": "Id of the API key.",
    "experiment_id": "Id of the price experiment.",
    "decision_id": "Id of the price decision.",
    "model_id": "Id of the price model.",
    "policy_id": "Id of the price policy.",
    "letter_id": "Id of the dead letter.",
    "listing_id": "Id of the listing.",
    "order_id": "Id of the order.",
    "product_id": "Id of the product.",
    "purchase_id": "Id of the purchase.",
    "quote_id": "Id of the quote.",
    "refund_id": "Id of the refund.",
    "rate_id": "Id of the commission rate.",
    "replay_id": "Id of the replay.",
    "rule_id": "Id of the version of the pricing rule.",
    "sale_id": "Id of the flash sale.",
    "seller_id": "Id of the seller.",
    "signal_id": "Id of the signal.",
    "source_id": "Id of the source.",
    "session_id": "Id of the session.",
    "threshold_id": "Id of the signal threshold.",
    "transaction_id": "Id of the transaction.",
    "user_id": "Id of the user.",
}
_KEYS = {
    "Feature flags": "Key of the feature flag.",
    "OFREP": "Key of the feature flag.",
    "Purchases": "The `Idempotency-Key` of the purchase.",
}


def openapi_document(app: Litestar) -> dict[str, Any]:
    """The document of every route that is described."""
    # Litestar keeps handlers and methods in sets, whose order differs from process to process.
    operations = sorted(
        _operations(app), key=lambda found: (found[0].startswith("/."), found[0], _METHODS.index(found[1]))
    )
    bodies = [told.body for *_, told in operations if told.body is not None]
    answers = [told.answer for *_, told in operations if told.answer is not None]
    answers += [told.refused.answer for *_, told in operations if told.refused is not None]
    queries = [field.type for *_, told in operations for field in _query_fields(told)]
    schemas, components = schemas_of([*bodies, *queries], answers)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler, told in operations:
        paths.setdefault(path, {})[method] = _operation(path, method, handler, told, schemas)
    tags = {tag for path in paths.values() for operation in path.values() for tag in operation["tags"]}
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": _TAGS[tag]} for tag in _TAGS if tag in tags],
        "paths": paths,
        "components": {"schemas": {**components, **PROBLEM_SCHEMAS}, "securitySchemes": SECURITY_SCHEMES},
    }


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler, Described]]:
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            told = handler.opt.get("described")
            if isinstance(told, Described):
                for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
                    yield route.path_format, method.lower(), handler, told


def _operation(
    path: str, method: str, handler: HTTPRouteHandler, told: Described, schemas: dict[int, Any]
) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(handler.fn.__doc__ or "").partition("\n\n")
    access: Access = handler.opt["access"]
    parameters = list(_parameters(path, told, schemas))
    is_api = path.startswith("/api/")  # where what is not known is refused (unread_input.py)
    operation: dict[str, Any] = {
        "operationId": handler.fn.__name__,
        "summary": " ".join(summary.split()).removesuffix("."),
        "tags": [told.tag or _tag_of(path)],
        "security": list(_security(access)),
        "responses": {
            str(handler.status_code): _success(handler, told, schemas),
            **({"304": {"description": "Not modified."}} if told.unchanged else {}),
            **problem_responses(
                problems=told.problems,
                is_public=access.public,
                has_body=told.body is not None or (is_api and method == "post"),
                has_path_parameters="{" in path,
                has_parameters=bool(parameters) or is_api,
                is_conditional=told.conditional,
                is_repeatable=told.repeatable,
                form=told.refused
                and OtherForm(schemas[id(told.refused.answer)], told.refused.example, told.refused.statuses),
            ),
        },
    }
    operation["description"] = "\n\n".join(filter(None, (description.strip(), _access_sentence(access))))
    if parameters:
        operation["parameters"] = parameters
    if told.body is not None:
        operation["requestBody"] = {
            "required": told.body_is_required,
            "content": {
                # What is not JSON is text as far as a schema can say.
                media_type: _content(schemas[id(told.body)], told.body_example)
                if media_type == "application/json"
                else _content({"type": "string"}, told.body_examples.get(media_type))
                for media_type in handler.opt.get("media_types", ("application/json",))
            },
        }
    operation["x-codeSamples"] = code_samples(path, method, operation)
    return operation


def _success(handler: HTTPRouteHandler, told: Described, schemas: dict[int, Any]) -> dict[str, Any]:
    headers = {
        name: {"schema": {"type": "string"}, "description": meaning}
        for name, meaning in {"X-Request-ID": "Id of the request, as it stands in the logs.", **told.headers}.items()
    }
    if told.repeatable:
        headers["Idempotent-Replayed"] = {
            "schema": {"const": "true"},
            "description": "This is the stored response of an earlier request with the same key.",
        }
    if told.form == "nothing":
        return {"description": "No content.", "headers": headers}
    if told.form in _TEXTS:
        media_type, description = _TEXTS[told.form]
        content = {media_type: _content({"type": "string"}, told.answer_example or _PAGE_EXAMPLE)}
        return {"description": description, "headers": headers, "content": content}
    if told.form == "rows":
        content = {media_type: _content({"type": "string"}, text) for media_type, text in told.answer_example.items()}
        return {"description": "One row a line.", "headers": headers, "content": content}
    data = schemas[id(told.answer)] if told.answer is not None else {}
    example = told.answer_example
    if told.form == "one":
        schema = _object(success=_SUCCESS, message=_MESSAGE, data=_meant(data, "The result."))
        shown: Any = {"success": True, "message": told.message, "data": example}
    elif told.form == "list":
        rows = {"type": "array", "items": data, "description": "The results on this page."}
        cursor = {"type": ["string", "null"], "description": "Cursor of the next page; null on the last page."}
        schema = _object(success=_SUCCESS, data=rows, next_cursor=cursor)
        shown = {"success": True, "data": [example], "next_cursor": None}
    else:
        schema, shown = data, example
    content = {"application/json": _content(schema, None if example is None else shown)}
    content |= {media_type: _content({"type": "string"}, text) for media_type, text in told.also.items()}
    return {
        "description": told.message if told.form == "one" else "OK",
        "headers": headers,
        "content": content,
    }


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def _meant(schema: dict[str, Any], meaning: str) -> dict[str, Any]:
    return {**schema, "description": meaning}


def _content(schema: Any, example: Any) -> dict[str, Any]:
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def _parameters(path: str, told: Described, schemas: dict[int, Any]) -> Iterator[dict[str, Any]]:
    for name in _PATH_PARAMETER.findall(path):
        is_id = name == "id" or name.endswith("_id")
        schema = {"type": "string", "format": "uuid"} if is_id else {"type": "string"}
        meaning = _KEYS[told.tag or _tag_of(path)] if name == "key" else _PATH_PARAMETERS[name]
        yield {"name": name, "in": "path", "required": True, "schema": schema, "description": meaning}
    for field in _query_fields(told):
        schema = schemas[id(field.type)]
        meaning = field_doc(told.query or type(None), field.name) or _description_in(schema)
        parameter = {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}
        yield {**parameter, "description": meaning}
    if told.form == "list":
        yield from _PAGE_PARAMETERS
    if told.repeatable:
        yield {**_IDEMPOTENCY_KEY, "required": True} if told.key_is_required else _IDEMPOTENCY_KEY
    if told.conditional:
        yield _IF_MATCH
    for name, meaning in told.request_headers.items():
        yield {"name": name, "in": "header", "schema": {"type": "string"}, "description": meaning}


def _query_fields(told: Described) -> Iterable[msgspec.structs.FieldInfo]:
    return msgspec.structs.fields(told.query) if told.query is not None else ()


def _description_in(schema: dict[str, Any]) -> str:
    described = [*schema.get("anyOf", ()), schema]
    return next((str(told["description"]) for told in described if "description" in told), "")


def _security(access: Access) -> Iterator[dict[str, list[str]]]:
    if access.public:
        yield {}
    if access.scopes:
        yield {"ApiKey": []}
    if access.roles:
        yield {"Bearer": []}


def _access_sentence(access: Access) -> str:
    if access.public:
        return "No authentication required."
    scopes = f"an API key with the {_one_of(access.scopes)} scope" if access.scopes else ""
    roles = f"the {_one_of(access.roles)} role" if access.roles else ""
    return f"Requires {', or '.join(filter(None, (scopes, roles)))}."


def _one_of(names: Iterable[str]) -> str:
    *others, last = (f"`{name}`" for name in sorted(names))
    return f"{', '.join(others)} or {last}" if others else last


def _tag_of(path: str) -> str:
    parts = [part for part in path.split("/") if part and part not in ("api", "v1")]
    return parts[0].replace("-", " ").capitalize().replace("Api", "API") if parts else "Service"
