"""Why there is nothing at a path that looks like one of ours: what stands where an id belongs is no UUID.

Source: docs/spec/wire.md#errors.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from quote_service.platform.documents.typed_reading import NOT_A_UUID
from quote_service.platform.system.errors import Fault


def identifier_faults(routes: Sequence[Any], path: str) -> tuple[Fault, ...]:
    """The faults of the ids in a path for which no route was found; none where it is like no route's.

    Args:
        routes: The application's.
        path: As it was asked for.
    """
    segments = path.strip("/").split("/")
    found: tuple[Fault, ...] = ()
    for route in routes:
        components = route.path_components
        if len(components) == len(segments):
            faults = _faults(components, segments)
            if faults is not None and (not found or len(faults) < len(found)):
                found = faults
    return found


def _faults(components: Sequence[Any], segments: Sequence[str]) -> tuple[Fault, ...] | None:
    """What is wrong with the ids of a path that is otherwise a route's; None where it is another's."""
    faults = []
    for component, segment in zip(components, segments, strict=True):
        if isinstance(component, str):
            if component != segment:
                return None
        elif component.type is UUID and not _is_uuid(segment):
            faults.append(Fault(f"/path/{component.name}", NOT_A_UUID))
    return tuple(faults) or None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
