"""Has the programs that judge what we made: Debian's Prometheus, Alertmanager (with promtool and amtool), Chromium.

`make test` calls it before the tests. As root what is missing is installed with apt-get; without root the packages
are only unpacked into `.cache/programs`, which suits Prometheus but not Alertmanager: that looks for its templates
under /usr/share. Where a program cannot be had the tests that need it are skipped and say why; with CI set this fails,
because a run that silently tests less than it should is worth nothing where its green decides.

Standard library only, as `environment.py`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[1]
UNPACKED: Final = Path(os.environ.get("TRACKER_CACHE") or REPOSITORY / ".cache") / "programs"

PACKAGES: Final = {
    "chromium": ("chromium",),
    "prometheus": ("prometheus", "promtool"),
    "prometheus-alertmanager": ("prometheus-alertmanager", "amtool"),
}
"""Debian's packages and what is wanted of each: Chromium opens the worker's pages.

Debian 12 has Prometheus 2.42 and Alertmanager 0.25.
"""

TEMPLATES: Final = Path("/usr/share/prometheus/alertmanager/default.tmpl")
"""Debian's Alertmanager ends at once without it; amtool does not notice."""


class Missing(Exception):
    """A program is not on this machine; the message says what was seen and what to do."""


def main() -> int:
    """Bring what is missing; gives the exit status, 1 only where CI is set and something stays missing."""
    try:
        bring()
        for program in (program for wanted in PACKAGES.values() for program in wanted):
            find(program)
    except Missing as missing:
        print(f"make: {missing}", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    return 0


def find(program: str) -> Path:
    """Where a program is: on PATH, else unpacked in `.cache/programs`.

    Raises:
        Missing: it is in neither, or it is an Alertmanager without its templates.
    """
    found = shutil.which(program) or shutil.which(program, path=str(UNPACKED / "usr" / "bin"))
    wanted = "on Debian and Ubuntu, sudo apt-get install --no-install-recommends " + " ".join(PACKAGES)
    if found is None:
        raise Missing(f"no {program} on PATH or in {UNPACKED}: {wanted}")
    if program == "prometheus-alertmanager" and UNPACKED in Path(found).parents and not TEMPLATES.exists():
        raise Missing(f"{found} is only unpacked, and would end for want of {TEMPLATES}: {wanted}")
    return Path(found)


def bring() -> None:
    """Install or unpack the packages of which a program is missing.

    Raises:
        Missing: apt-get is not there or failed; its last words are in the message.
    """
    absent = [package for package, wanted in PACKAGES.items() if not all(map(_there, wanted))]
    if not absent:
        return
    if shutil.which("apt-get") is None:
        raise Missing(f"no {' and '.join(absent)} here and no apt-get to bring them: install them by hand")
    if os.geteuid() == 0:
        print(f"==> Installing Debian's {' and '.join(absent)}, up to 150 MB, once", flush=True)
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-qq", "-y", "--no-install-recommends", *absent)
    elif not all((UNPACKED / "usr" / "bin" / program).exists() for package in absent for program in PACKAGES[package]):
        print(f"==> Unpacking Debian's {' and '.join(absent)} into {UNPACKED}, once", flush=True)
        _unpack(absent)


def _there(program: str) -> bool:
    try:
        find(program)
    except Missing:
        return False
    return True


def _unpack(packages: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _run("apt-get", "download", "-qq", *packages, cwd=folder)
        for package in sorted(Path(folder).glob("*.deb")):
            _run("dpkg-deb", "-x", str(package), str(UNPACKED))


def _run(*command: str, cwd: str | None = None) -> None:
    process = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        words = " | ".join(process.stdout.strip().splitlines()[-3:])
        raise Missing(f"`{' '.join(command)}` ended with status {process.returncode}: {words}")


if __name__ == "__main__":
    sys.exit(main())
