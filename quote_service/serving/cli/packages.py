"""The packages of price intelligence, for commands that need them: installed where a checkout knows how, or else asked for."""

import subprocess
from collections.abc import Sequence

import click

from quote_service.platform.system.packages import INTELLIGENCE, install_command, missing_packages
from quote_service.serving.cli.refusals import refuse


def require_packages(names: Sequence[str] = INTELLIGENCE) -> None:
    """Return once they can be imported.

    Raises:
        Exit: They are missing and cannot be installed from here; what is missing has been said.
    """
    missing = missing_packages(names)
    if not missing:
        return
    if command := install_command():
        click.secho("Installing what price intelligence needs, once ...", dim=True, err=True)
        subprocess.run(command, stdout=2, check=False)
        missing = missing_packages(names)
    if missing:
        raise refuse(f"{', '.join(missing)} missing: pip install 'quote-service[intelligence]' brings them")
