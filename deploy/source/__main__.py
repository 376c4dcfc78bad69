"""Writes the generated files of `deploy/`, or with `--check` says which are not what would be written."""

import sys

from deploy.source.thresholds import DEPLOY, load_thresholds
from deploy.source.written import written


def main(arguments: list[str]) -> int:
    """Write or check; the exit status, 1 when something is stale."""
    stale = []
    for path, text in written(load_thresholds()):
        target = DEPLOY / path
        if target.exists() and target.read_text() == text:
            continue
        stale.append(path)
        if arguments != ["--check"]:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    if arguments == ["--check"] and stale:
        print(f"make: stale under deploy/: {', '.join(stale)}; run `make deploy` and commit", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
