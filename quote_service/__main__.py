"""`python -m quote_service` is `quote-service`."""

from quote_service.serving.cli import main

main(prog_name="quote-service")
