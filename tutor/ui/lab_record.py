"""What a run has shown, kept until it goes on record: once for each outcome."""

from __future__ import annotations

from labs.evidence import Evidence
from tutor.clock import Clock
from tutor.sessions.debrief import debrief_rows
from tutor.sessions.lab import lab_record
from tutor.sessions.ports import DebriefRow, LabRecord
from tutor.ui.loads import LabData


class RunRecord:
    """One run of one lab, from the commitment on."""

    def __init__(self, data: LabData, clock: Clock) -> None:
        self._data, self._clock = data, clock
        self._began = clock.monotonic()
        self._kept = ""
        self.evidence: Evidence | None = None
        """As of the last observation, verification or giving up."""

    @property
    def seconds(self) -> float:
        """Since the commitment."""
        return self._clock.monotonic() - self._began

    def rows(self) -> tuple[DebriefRow, ...]:
        """Claim | rubric point | measured fact."""
        if self._data.scenario is None or self.evidence is None:
            return ()
        return debrief_rows(self._data.scenario, self._data.attempt, self.evidence.observations)

    def record(self) -> LabRecord | None:
        """The run as it stands; None before anything was measured."""
        if self.evidence is None:
            return None
        return lab_record(self.evidence, self.rows(), self._clock.now(), self.seconds)

    def due(self) -> LabRecord | None:
        """The record that is to be stored now; None where it is already. A run that was ended is never `stopped`."""
        record = self.record()
        if record is None or record.outcome == self._kept or (record.outcome == "stopped" and self._kept):
            return None
        self._kept = record.outcome
        return record
