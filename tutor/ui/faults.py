"""Unexpected faults: a log file for whoever mends them, a message for the learner."""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

from labs.errors import LearnerError

MAX_LOG_BYTES = 1_000_000


def log_file() -> Path:
    """Where unexpected faults are written."""
    from labs.dirs import dirs  # not needed for the first paint

    return dirs().state / "faults.log"


def log_fault(error: BaseException, at: datetime, file: Path | None = None) -> Path | None:
    """Append the traceback to the log; None where it could not be written. The log is cut back at 1 MB."""
    entry = f"--- {at.isoformat(timespec='seconds')}\n{''.join(traceback.format_exception(error))}\n"
    try:
        file = file or log_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size > MAX_LOG_BYTES:
            file.replace(file.with_suffix(".old.log"))
        with file.open("a", encoding="utf-8") as log:
            log.write(entry)
    except (OSError, LearnerError):
        return None
    return file


def explained(error: Exception, log: Path | None) -> LearnerError:
    """The fault as the learner sees it: its own words where it has them, else what is known."""
    if isinstance(error, LearnerError):
        return error
    where = f"The details are in {log}." if log else "The log file could not be written."
    return LearnerError(
        "Something unexpected happened",
        f"{type(error).__name__}: {error}. {where}",
        "Your answers are saved. Go on, or start again with: kafka-tutor --debug",
    )
