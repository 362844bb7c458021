"""Tests, laid out as the package is."""

from tests.session.bytecode import keep_bytecode

# Before anything of the service is imported.
keep_bytecode()
