"""The writer of the quote's answer is what its declaration gives."""

from pathlib import Path

from tests.deploy.deployment_tools import script


def test_the_writer_is_what_the_declaration_gives() -> None:
    generator = script("generate_writer")
    assert Path(generator.TARGET).read_text("utf-8") == generator.writer_source(), "run `make writer`"
