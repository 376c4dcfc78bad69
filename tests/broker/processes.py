"""Whether other processes still run, as Linux tells it."""

import time
from pathlib import Path


def ends(pid: int, *, within_seconds: float) -> bool:
    """Whether the process has ended, now or before the time is over.

    One that ended and was not yet collected by its parent has ended: in a container nobody may ever collect it.
    """
    deadline = time.monotonic() + within_seconds
    while _runs(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _runs(pid: int) -> bool:
    try:
        # "PID (NAME) STATE ...", where the name may hold anything
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
