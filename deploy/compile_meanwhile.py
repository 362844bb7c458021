"""Start a command at once and compile beside it, for the next start.

    .venv/bin/python deploy/compile_meanwhile.py LOG COMPILING... -- COMMAND...

The command takes the place of this process, so it has the terminal and the signals. Compiling runs in a session of its own
with the lowest priority, and ends with the command however that ends: the kernel closes the command's end of a pipe.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

_LOWEST_PRIORITY = 19
_WATCH = "--watch"


def start(log: str, compiling: list[str], command: list[str]) -> None:
    """Never returns."""
    print(
        f"Starting as plain Python. The quote path is being compiled to machine code meanwhile, for the next start ({log});\n"
        "COMPILE=0 does without",
        flush=True,
    )
    at_watcher, at_command = os.pipe()
    subprocess.Popen(
        [sys.executable, __file__, _WATCH, str(at_watcher), log, *compiling],
        pass_fds=[at_watcher],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(at_watcher)
    os.set_inheritable(at_command, True)
    os.execvp(command[0], command)


def watch(at_watcher: int, log: Path, compiling: list[str]) -> None:
    """Compile, and end it when the command is gone."""
    os.nice(_LOWEST_PRIORITY)
    log.parent.mkdir(parents=True, exist_ok=True)
    # make would take those for its own.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    # What an end in the middle leaves behind goes too.
    environment["TMPDIR"] = scratch = tempfile.mkdtemp(prefix="quote-service-compile-")
    with log.open("w") as output:
        running = subprocess.Popen(
            compiling, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )

    is_over = threading.Event()

    def end_with_command() -> None:
        os.read(at_watcher, 1)
        is_over.set()
        os.killpg(running.pid, signal.SIGKILL)
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(0)

    threading.Thread(target=end_with_command, daemon=True).start()
    is_compiled = running.wait() == 0
    shutil.rmtree(scratch, ignore_errors=True)
    if is_over.is_set():
        return  # what was ended has not failed
    if is_compiled:
        print("The quote path is compiled: from the next start on it runs as machine code.", flush=True)
    else:
        print(f"The quote path cannot be compiled ({log} says why); it runs as plain Python.", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == _WATCH:
        watch(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
    else:
        between = sys.argv.index("--")
        start(sys.argv[1], sys.argv[2:between], sys.argv[between + 1 :])
