"""The version of an object that a writer has seen, and the refusal to write over a newer one.

A tag is opaque to clients and strong: one version of one object has one tag, and no two versions share one.

Source: docs/spec/wire.md#etags; RFC 9110, 13.1.1.
"""

import msgspec

from quote_service.platform.system.errors import Stale


def version_tag(object_id: str, version: int) -> str:
    """The strong entity tag of one version of one object, quotes included."""
    return f'"{object_id}.{version}"'


class Precondition(msgspec.Struct, frozen=True):
    """What a request asks of the current version: `tags` None asks nothing; `any_version` is `If-Match: *`."""

    tags: frozenset[str] | None = None
    any_version: bool = False

    def require(self, object_id: str, version: int) -> None:
        """Hold the current version, read under a lock in the writing transaction, against what the caller has seen.

        Raises:
            Stale: The caller has seen another version.
        """
        if self.tags is None or self.any_version or version_tag(object_id, version) in self.tags:
            return
        raise Stale("It has changed since you read it; read it again and repeat your change")


#: For callers that have seen nothing: the command line, and requests without If-Match.
UNCONDITIONAL = Precondition()
