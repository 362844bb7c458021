"""What is sent to webhooks and fetched from competitors, and how long what came of it is kept."""

from typing import Annotated

from quote_service.platform.settings.fields.access import AccessSettings
from quote_service.platform.settings.fields.variable import Switch, Words, variable


class OutboundSettings(AccessSettings, frozen=True, kw_only=True):
    event_source: Annotated[
        str, variable("QUOTE_EVENT_SOURCE", "`source` of the events that webhooks get: a URI reference", min_length=1)
    ] = "/quote-service"
    webhook_timeout_ms: Annotated[
        int, variable("QUOTE_WEBHOOK_TIMEOUT_MS", "time an endpoint has to answer a webhook", ge=100, le=60_000)
    ] = 10_000
    webhook_failing_days: Annotated[
        int, variable("QUOTE_WEBHOOK_FAILING_DAYS", "days of failures before an endpoint is disabled", ge=1, le=90)
    ] = 3
    webhook_keep_days: Annotated[
        int,
        variable("QUOTE_WEBHOOK_KEEP_DAYS", "days that webhooks that were not delivered are kept", ge=2, le=3650),
    ] = 30
    experiment_keep_days: Annotated[
        int,
        variable(
            "QUOTE_EXPERIMENT_KEEP_DAYS",
            "days that customers are kept of an experiment that has ended; its sums stay",
            ge=1,
            le=3650,
        ),
    ] = 30
    outbound_networks: Annotated[
        Words,
        variable(
            "QUOTE_OUTBOUND_NETWORKS",
            "networks that are not public and requests may go to all the same, comma-separated; empty: none",
        ),
    ] = ()
    watch: Annotated[
        Switch, variable("QUOTE_WATCH", "on: workers fetch the sources of competitors' prices; or off")
    ] = "on"
    watch_contact: Annotated[
        str, variable("QUOTE_WATCH_CONTACT", "a URL or address in the User-Agent of what is fetched from competitors")
    ] = ""
    watch_per_minute: Annotated[
        int, variable("QUOTE_WATCH_PER_MINUTE", "requests a minute to one host of competitors", ge=1, le=600)
    ] = 12
    watch_timeout_ms: Annotated[
        int, variable("QUOTE_WATCH_TIMEOUT_MS", "time a competitor's server has to answer", ge=100, le=60_000)
    ] = 20_000
    observation_keep_days: Annotated[
        int,
        variable("QUOTE_OBSERVATION_KEEP_DAYS", "days that observed prices of competitors are kept", ge=30, le=3650),
    ] = 400
    signal_keep_days: Annotated[
        int, variable("QUOTE_SIGNAL_KEEP_DAYS", "days that signals are kept", ge=30, le=3650)
    ] = 400
    fetch_keep_days: Annotated[
        int, variable("QUOTE_FETCH_KEEP_DAYS", "days that the record of each fetch is kept", ge=1, le=3650)
    ] = 90
