"""Compiled Python kept in one folder where the environment keeps it out of the checkout.

With `PYTHONDONTWRITEBYTECODE` each of the hundreds of processes that the tests start would compile the whole service again,
0.7 of its 2.2 CPU seconds. It is a folder of `build`, so `make clean` removes it, and what nobody has changed is found there
by the next run too.
"""

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "build" / "bytecode"


def keep_bytecode() -> None:
    """Have this process and those it starts read and write compiled Python, unless they do already."""
    if not sys.dont_write_bytecode:
        return
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(FOLDER)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
