"""Commands go over the wire as the client library writes them itself."""

from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Connection

from quote_service.redis_store.packed_connection import PackedConnection

NAMES = st.sampled_from(["FCALL", "FUNCTION LOAD", b"PING", b"CONFIG GET", "SCRIPT EXISTS"])
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.binary().map(bytearray),
    st.binary().map(memoryview),
    st.integers(),
    st.integers(-10_000, 10_000).map(lambda tenths: tenths / 10),
)
COMMANDS = st.tuples(NAMES, st.lists(WORDS)).map(lambda command: (command[0], *command[1]))
OURS, THEIRS = PackedConnection(), Connection()


@given(st.lists(COMMANDS))
def test_commands_are_written_alike(commands: list[tuple[object, ...]]) -> None:
    assert b"".join(OURS.pack_commands(commands)) == b"".join(THEIRS.pack_commands(commands))
    for command in commands:
        assert b"".join(OURS.pack_command(*command)) == b"".join(THEIRS.pack_command(*command))
