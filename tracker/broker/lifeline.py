"""Child processes that do not outlive the process that started them.

A broker started by `tracker demo` or by a test is stopped by its starter. A starter that dies by SIGKILL stops nothing,
and a broker left behind holds its port and its memory until someone finds it. On Linux the kernel can be asked to end
a child with its parent (`PR_SET_PDEATHSIG`). The request has to come from the child itself, and `preexec_fn` is
unsafe in a process with threads (Python 3.12 warns), so the child starts as a tiny Python that asks, and then becomes
the real program by `exec`: same pid, some 20 ms more.

Elsewhere (macOS, Windows) there is no such request: there the child stays when its parent is killed by force, and has
to be ended by hand. A normal end, Ctrl-C and SIGTERM included, stops the child everywhere.
"""

import os
import sys
from collections.abc import Sequence

_ASK_AND_BECOME = """\
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):  # otherwise the parent died before the kernel was asked
    os.execvp(sys.argv[2], sys.argv[2:])
"""


def tied(command: Sequence[str], *, platform: str = sys.platform) -> list[str]:
    """The command line that runs `command` as a child that ends with this process; unchanged where that cannot be.

    Call it in the process that will start the child. "This process" is, to the kernel, the thread that starts the
    child: start it from a thread that lives as long as the child shall, such as the main one.
    """
    if platform != "linux":
        return list(command)
    # -I -S: no site-packages, no user settings; nothing but the standard library is read.
    return [sys.executable, "-I", "-S", "-c", _ASK_AND_BECOME, str(os.getpid()), *command]
