"""An import contract of our own: some floors of a room belong to that room."""

from __future__ import annotations

import re
from typing import Any

from importlinter import Contract, ContractCheck, fields, output


class OwnFloors(Contract):  # type: ignore[misc]
    """What stands on these floors is imported within its own room, and by what puts rooms together.

    One contract for all rooms: one that is added is held to it without a line in pyproject.toml.
    """

    type_name = "own_floors"

    floors = fields.ListField(subfield=fields.StringField())
    allowed_importers = fields.ListField(subfield=fields.StringField())

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Every import from outside the room, with its line."""
        floor = re.compile(rf"^(?P<room>.+?)\.(?:{'|'.join(self.floors)})(?:\.|$)")
        broken = []
        for module in sorted(graph.modules):
            if (found := floor.match(module)) is None:
                continue
            allowed = (found["room"], *self.allowed_importers)
            for importer in sorted(graph.find_modules_that_directly_import(module)):
                if not any(importer == each or importer.startswith(f"{each}.") for each in allowed):
                    lines = graph.get_import_details(importer=importer, imported=module)
                    broken.append((importer, module, lines[0]["line_number"] if lines else 0))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line an import."""
        for importer, module, line in check.metadata["broken"]:
            output.print_error(f"{importer}:{line} imports {module}, which is its own room's")
