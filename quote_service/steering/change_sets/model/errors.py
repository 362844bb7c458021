"""Why a change set cannot be published, changed or rolled back now.

Source: docs/spec/change-sets.md.
"""

from quote_service.platform.system.errors import Conflict, Forbidden


class ChangeSetStateForbids(Conflict):
    code = "change-set-state"
    title = "Change set status does not allow this"


class ChangeSetConflicts(Conflict):
    """What the set is about was changed since; `faults` point at each change of the set."""

    code = "change-set-conflicts"
    title = "Changed since the change set was written"


class ApprovalRequired(Conflict):
    code = "approval-required"
    title = "Approval required"


class OwnChangeSet(Forbidden):
    code = "own-change-set"
    title = "Own change set"
