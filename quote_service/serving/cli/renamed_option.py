"""An option with a new name, whose former one is still read.

Source: docs/spec/wire.md#names.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from quote_service.platform.documents.renamed import GONE_IN

Command = TypeVar("Command", bound=Callable[..., Any])


def renamed_option(name: str, argument: str, *, former: str, **attributes: Any) -> Callable[[Command], Command]:
    """An option that is called `name` and passed on as `argument`; the `former` name is not shown in the help.

    Given both ways it is refused, and given the former way standard error says what it is called.
    """
    kept = f"{__name__}.{former}"

    def keep(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.meta[kept] = value
            click.echo(f"{former} is called {name}; the former name goes in {GONE_IN}", err=True)

    def refuse_both(context: click.Context, _: click.Parameter, value: Any) -> Any:
        is_given = context.get_parameter_source(argument) is click.core.ParameterSource.COMMANDLINE
        if is_given and kept in context.meta:
            raise click.UsageError(f"{former} is the former name of {name}; give one of them", context)
        return value

    def decorate(command: Command) -> Command:
        current = click.option(
            name,
            argument,
            default=lambda: click.get_current_context().meta.get(kept),
            callback=refuse_both,
            **attributes,
        )
        # Read before the other, whose default it is.
        return current(
            click.option(former, f"former_{argument}", is_eager=True, expose_value=False, hidden=True, callback=keep)(
                command
            )
        )

    return decorate
