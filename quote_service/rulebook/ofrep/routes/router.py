"""The routes of OFREP."""

from litestar import Router

from quote_service.rulebook.ofrep.routes.evaluate import evaluate_flag_by_ofrep, evaluate_flags_by_ofrep
from quote_service.rulebook.ofrep.routes.events import stream_ofrep_events
from quote_service.rulebook.ofrep.routes.failures import PREFIX

ofrep = Router(f"{PREFIX}/v1", route_handlers=[evaluate_flag_by_ofrep, evaluate_flags_by_ofrep, stream_ofrep_events])
