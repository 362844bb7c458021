"""What describes the application brings no route, no page and nothing that only some requests need."""

import subprocess
import sys

#: By whom each is needed: pages, second factors, outbound requests, spreadsheets of learning, the rest of the service.
HEAVY = (
    "jinja2",
    "segno",
    "httpcore",
    "numpy",
    "aiocache",
    "opentelemetry.exporter",
    "quote_service.routes",
    "quote_service.web.routes",
)
MODULES_MAX = 1250


def modules_of(statement: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


def test_the_application_is_imported_without_what_it_serves() -> None:
    found = modules_of("import quote_service.app")
    assert {name for name in HEAVY if name in found} == set()
    assert len(found) < MODULES_MAX
    served = modules_of("import quote_service.routes, quote_service.web.routes.pages")
    assert {"httpcore", "aiocache", "quote_service.web.routes"} <= served
    # Pages are imported with the application, what draws them with the first.
    assert not {"jinja2", "segno"} & served
