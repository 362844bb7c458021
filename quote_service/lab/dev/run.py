"""Starting everything in order, and stopping it in the opposite order, whatever happens in between.

    data directory -> PostgreSQL and Valkey -> migrations -> credentials -> the service -> demonstration data -> dev.json

Source: docs/spec/operations.md#development.
"""

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import msgspec

from quote_service.identity.health.readiness import HealthChecks
from quote_service.identity.operations.access_tokens import AccessTokens
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.passwords import Passwords
from quote_service.identity.operations.provision_development import DevelopmentAccess, provision_development
from quote_service.lab.dev.demonstration import renew_sales, seed
from quote_service.lab.dev.demonstration_shop import renew_shop_sales, seed_shop
from quote_service.lab.dev.directory import DevelopmentDirectory, DevJson, development_key
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.packages import IntelligencePackages
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.supervisor import Supervisor
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.serving.processes.background import start_background_loops
from quote_service.serving.processes.one_worker import run_worker
from quote_service.serving.processes.sockets import url_of

READY_SECONDS = 60.0
_POLL_SECONDS = 0.01
_SALES_SECONDS = 30.0
ReportProgress = Callable[[str], None]


class NotReady(Exception):
    """The service runs, and has not become ready in time."""


def run_development(
    data_dir: Path,
    listening: socket.socket,
    settings: Settings,
    *,
    seeds: bool,
    intelligence: bool,
    figures: socket.socket,
    report: ReportProgress,
    welcome: Callable[[DevJson, Path], None],
) -> None:
    """Run until SIGINT or SIGTERM.

    Args:
        data_dir: Where everything is kept; made if need be.
        listening: Bound already, so that a taken port is known before anything is started.
        settings: From `read_development_settings`.
        seeds: Put the demonstration data in, at the first start.
        intelligence: Have the packages of price intelligence installed without waiting for its first use.
        figures: Bound too, for metrics and health details.
        tell: Called with what is being done.
        welcome: Called once everything is ready.

    Raises:
        EmbeddedServerError: The data directory is in use, or a server cannot be started.
        MigrationFailed, SeedingFailed, NotReady: As they say.
    """
    directory = DevelopmentDirectory(data_dir)
    with ExitStack() as stack:
        directory.claim()
        stack.callback(directory.release)
        report("Starting PostgreSQL and Valkey")
        postgres, valkey = stack.enter_context(_servers(directory.path))
        settings = _with_servers(settings, directory, postgres, valkey, listening)
        report("Preparing the database")
        access = asyncio.run(_prepare(directory, settings))
        written = DevJson(
            url=url_of(listening),
            api_key=access.api_key,
            admin_email=access.admin_email,
            admin_password=access.admin_password,
            admin_token=access.admin_token,
            database_url=settings.database_url,
            redis_url=settings.redis_url,
        )

        async def when_serving(parts: Parts) -> None:
            supervisor = Supervisor()
            parts[HealthChecks].supervisors.append(supervisor)
            start_background_loops(supervisor, parts)
            try:
                await _ready(parts)
                if seeds and not directory.is_seeded:
                    report("Putting the demonstration data in")
                    await asyncio.to_thread(seed, written.url, written.admin_token)
                    await asyncio.to_thread(seed_shop, written.url, written.admin_token)
                    directory.note_seeded()
                    await _followed(parts)
                if seeds:
                    supervisor.start("demonstration_sales", partial(_keep_sales, written))
                directory.publish(written)
                welcome(written, directory.path)
                if intelligence:
                    parts[IntelligencePackages].want()
                while not parts[Lifecycle].is_draining:  # noqa: ASYNC110 (set by a signal handler, which can wake nobody)
                    await asyncio.sleep(0.1)
            finally:
                directory.retract()
                await supervisor.stop()

        run_worker(settings, listening, when_serving, figures=figures)
        report("Stopping")


@contextmanager
def _servers(path: Path) -> Iterator[tuple[PostgresServer, ValkeyServer]]:
    postgres, valkey = PostgresServer(path / "postgres"), ValkeyServer(path / "valkey")
    with ExitStack() as stack:
        # PostgreSQL is pushed first and so stopped last: what is on its way through Valkey may still be written.
        stack.callback(postgres.stop)
        stack.callback(valkey.stop)
        with ThreadPoolExecutor(2) as threads:
            for started in [threads.submit(server.start) for server in (postgres, valkey)]:
                started.result()
        yield postgres, valkey


def _with_servers(
    settings: Settings,
    directory: DevelopmentDirectory,
    postgres: PostgresServer,
    valkey: ValkeyServer,
    listening: socket.socket,
) -> Settings:
    kept = directory.read_secrets()
    host, port = listening.getsockname()[:2]
    return msgspec.structs.replace(
        settings,
        database_url=postgres.url,
        redis_url=valkey.url,
        host=host,
        port=port,
        jwt_keys=development_key(kept.jwt_key),
        signing_keys=development_key(kept.signing_key),
        receipt_keys=development_key(kept.receipt_key),
    )


async def _prepare(directory: DevelopmentDirectory, settings: Settings) -> DevelopmentAccess:
    """Migrate, and make the admin and the key or find them again."""
    await migrate(settings.database_url)
    kept = directory.read_secrets()
    passwords = Passwords()
    database = await Database.open(settings.database_url)
    try:
        access = await provision_development(
            database,
            AccessTokens(settings.jwt_keys),
            passwords,
            known_password=kept.admin_password,
            known_api_key=kept.api_key,
            at_us=now_us(),
        )
    finally:
        await database.close()
        passwords.close()
    kept.admin_password, kept.api_key = access.admin_password, access.api_key
    directory.keep_secrets(kept)
    return access


async def _keep_sales(written: DevJson) -> None:
    """Begin each flash sale of the demonstration again when it has ended; never returns."""
    while True:
        end_if_cancelled()
        for renew in (renew_sales, renew_shop_sales):
            await asyncio.to_thread(renew, written.url, written.admin_token)
        await asyncio.sleep(_SALES_SECONDS)


async def _ready(parts: Parts) -> None:
    """Return when there is a rulebook and the credentials are known."""
    await _until(lambda: parts[RulebookHolder].rulebook is not None and parts[Credentials].ring.is_loaded)


async def _followed(parts: Parts) -> None:
    """Return when quotes see what is committed now: two looks later, since one may have been under way."""
    holder = parts[RulebookHolder]
    for _ in range(2):
        await _until(partial(_is_checked_since, holder, holder.checked_at_us))


def _is_checked_since(holder: RulebookHolder, instant_us: int) -> bool:
    return holder.checked_at_us > instant_us


async def _until(holds: Callable[[], bool]) -> None:
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not holds():  # noqa: ASYNC110 (once, and what holds tells nobody)
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise NotReady(f"the service was not ready within {READY_SECONDS:.0f} s; its log lines say why") from None
