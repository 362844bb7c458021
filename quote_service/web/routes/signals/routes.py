"""Every page of signals that is more than an object or a form.

Source: docs/spec/web.md#signals.
"""

from quote_service.web.routes.signals.signals import acknowledge_signal, show_signals, stream_signals

SIGNAL_PAGES = (show_signals, stream_signals, acknowledge_signal)
