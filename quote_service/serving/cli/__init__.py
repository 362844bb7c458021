"""The command line: one command a file.

Source: docs/spec/operations.md#production.
"""

import gc
import importlib
from types import ModuleType

import click

# By name and by module, which is imported only when the command is used: `--help` need not load the whole service.
COMMANDS: dict[str, tuple[str, str]] = {
    "dev": ("lab.commands.dev", "Run everything on this machine: servers, demonstration data, credentials."),
    "serve": ("serving.cli.serve", "Answer requests (needs DATABASE_URL, REDIS_URL and keys)."),
    "worker": ("serving.cli.worker", "Do the work in the background."),
    "migrate": ("serving.cli.migrate", "Migrate the database to the schema of this release."),
    "users": ("serving.cli.users", "Create, list and deactivate users."),
    "keys": ("serving.cli.keys", "Create, list and revoke API keys."),
    "flags": ("serving.cli.flags", "Import feature flags of Unleash or GrowthBook."),
    "rulebook": ("serving.cli.rulebook", "Keep pricing rules, feature flags and commission rates in a file."),
    "flash-sales": ("serving.cli.flash_sales", "Audit flash sales."),
    "orders": ("serving.cli.orders", "Check orders."),
    "ledger": ("serving.cli.ledger", "Check the ledger."),
    "analytics": ("serving.cli.analytics", "Check and rebuild the figures of reports."),
    "events": ("serving.cli.events", "See how far the event bus is, and decide on what it could not do."),
    "intelligence": ("lab.commands.intelligence", "Measure what prices are learnt from, and simulate a market."),
    "scenario": ("serving.cli.scenario", "Run products, orders and campaigns in memory, from a file of commands."),
    "seed": ("lab.commands.seed", "Fill the database with believable customers, products and orders."),
    "simulate-orders": (
        "lab.commands.simulate_orders",
        "Let shoppers browse and buy, over the API of a running service.",
    ),
    "secrets": ("serving.cli.make_secrets", "Generate the secret keys of a service, as lines for an environment file."),
    "config": ("serving.cli.config", "List the settings, secrets hidden."),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command = getattr(_imported(f"quote_service.{module}"), module.rpartition(".")[2])
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def _imported(module: str) -> ModuleType:
    # What two thousand modules make is there to stay: searched for garbage again and again, it takes a sixth of the start.
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        gc.enable()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quote-service", message="%(version)s")
def main() -> None:
    """Binding price quotes with their commission, exact to the cent."""
