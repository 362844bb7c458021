"""How quotes are computed and kept, and what may be done with them."""

from typing import Annotated, Literal

from quote_service.platform.settings.fields.serving import ServingSettings
from quote_service.platform.settings.fields.variable import Switch, variable
from quote_service.platform.system.quote_form import FORM


class PricingSettings(ServingSettings, frozen=True, kw_only=True):
    fast_path: Annotated[
        Switch,
        variable("QUOTE_FAST_PATH", "on: quotes and simple purchases are answered in front of the framework; or off"),
    ] = "on"
    max_concurrency: Annotated[
        int, variable("QUOTE_MAX_CONCURRENCY", "quotes computing at once in a worker", ge=1, le=100_000)
    ] = 64
    max_queue: Annotated[
        int, variable("QUOTE_MAX_QUEUE", "quotes waiting in a worker; past that 503", ge=0, le=1_000_000)
    ] = 1000
    timeout_ms: Annotated[int, variable("QUOTE_TIMEOUT_MS", "time a quote has; past it 504", ge=1, le=600_000)] = 2000
    quote_ttl_seconds: Annotated[int, variable("QUOTE_TTL_SECONDS", "how long a quote is binding", ge=1, le=86_400)] = (
        900
    )
    kept_form: Annotated[
        int,
        variable(
            "QUOTE_KEPT_FORM",
            "form in which quotes are kept too, for processes of the release before while they are replaced",
            ge=1,
            le=FORM,
        ),
    ] = FORM
    hold_seconds_max: Annotated[
        int, variable("QUOTE_HOLD_SECONDS_MAX", "how long a quote can be reserved", ge=1, le=86_400)
    ] = 900
    reservations_per_customer: Annotated[
        int, variable("QUOTE_RESERVATIONS_PER_CUSTOMER", "reservations that a customer has at once", ge=1, le=1000)
    ] = 5
    reserved_units_max: Annotated[
        int,
        variable(
            "QUOTE_RESERVED_UNITS_MAX",
            "units of one product or variant that a customer has reserved at once",
            ge=1,
            le=1_000_000_000,
        ),
    ] = 20
    local_cache_entries: Annotated[
        int, variable("QUOTE_LOCAL_CACHE_ENTRIES", "answers kept in a worker", ge=0, le=10_000_000)
    ] = 20_000
    local_cache_bytes: Annotated[
        int, variable("QUOTE_LOCAL_CACHE_BYTES", "bytes of answers kept in a worker", ge=0, le=1 << 40)
    ] = 64 << 20

    redis_timeout_ms: Annotated[
        int, variable("QUOTE_REDIS_TIMEOUT_MS", "how long one Redis command may take", ge=1, le=60_000)
    ] = 50
    database_connections: Annotated[
        int, variable("QUOTE_DATABASE_CONNECTIONS", "PostgreSQL connections of a worker at most", ge=2, le=1000)
    ] = 10
    change_set_approval: Annotated[
        Switch,
        variable(
            "QUOTE_CHANGE_SET_APPROVAL", "whether somebody else has to approve a change set before it is published"
        ),
    ] = "off"
    flags_refresh_seconds: Annotated[
        int,
        variable(
            "QUOTE_FLAGS_REFRESH_SECONDS",
            "how often all feature flags are read again, changed or not; changes are pushed anyway",
            ge=1,
            le=86_400,
        ),
    ] = 300
    database_timeout_ms: Annotated[
        int,
        variable("QUOTE_DATABASE_TIMEOUT_MS", "how long a statement, or the wait for a connection, may take", ge=10),
    ] = 5000

    replays_max: Annotated[
        int, variable("QUOTE_REPLAYS_MAX", "replays of accepted quotes that wait or run at once", ge=0, le=1000)
    ] = 4
    replay_quotes_max: Annotated[
        int, variable("QUOTE_REPLAY_QUOTES_MAX", "accepted quotes that one replay prices again at most", ge=1)
    ] = 1_000_000
    replay_processes: Annotated[
        int, variable("QUOTE_REPLAY_PROCESSES", "processes that a `worker` starts for replays at once", ge=0, le=64)
    ] = 1

    reductions_of_new_products: Annotated[
        Literal["nothing", "lowest"],
        variable(
            "QUOTE_REDUCTIONS_OF_NEW_PRODUCTS",
            "what a reduction of a product that was sold for less than 30 days is announced against: nothing, or its lowest price",
        ),
    ] = "nothing"
    store_prices: Annotated[
        Literal["by_country", "with_tax", "without_tax"],
        variable(
            "QUOTE_STORE_PRICES",
            "whether prices in the store contain tax; by_country: as consumers see them where the visitor has it delivered",
        ),
    ] = "by_country"
    default_currency: Annotated[
        str,
        variable(
            "QUOTE_DEFAULT_CURRENCY", "ISO 4217 currency of rules and rates with amounts that name none; empty: refused"
        ),
    ] = ""
