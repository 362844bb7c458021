"""Log lines: JSON, one an event, with the request and trace ids of the request they belong to.

Events are named in snake case and carry typed fields. Nothing personal is logged: no address, name, e-mail or IP. A
traceback holds lines of code and never the values of variables, in development either: tokens and passwords are among them.

Source: docs/spec/operations.md#logs.
"""

import logging
import sys
from collections.abc import Mapping
from typing import Literal

import structlog

Form = Literal["json", "console"]

# Their records below this level reveal nothing that an operator needs.
_QUIET: Mapping[str, int] = {"uvicorn.error": logging.WARNING, "asyncio": logging.WARNING, "urllib3": logging.WARNING}


def configure_logs(level: str, form: Form = "json") -> None:
    """Send our log lines, and those of the libraries, to standard error.

    Args:
        level: debug, info, warning or error.
        form: `json` for machines, `console` for the eyes of a developer.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    rendering: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if form == "json"
        else [_console()]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, threshold in _QUIET.items():
        logging.getLogger(name).setLevel(max(threshold, root.level))


def _console() -> structlog.dev.ConsoleRenderer:
    # The library's own choice shows every local variable of every frame, and takes a second for it.
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
