"""The runbooks as pages that Prometheus itself serves (console templates): where it is seen that something is wrong."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

from deploy.source.thresholds import DEPLOY

RUNBOOKS = DEPLOY / "runbooks"

_PAGE = (
    '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
    "<style>body{{max-width:46em;margin:2em auto;font:16px/1.5 sans-serif}}code{{background:#eee}}</style>\n"
    "{body}\n</html>\n"
)


def pages() -> Iterator[tuple[str, str]]:
    """File name and HTML of each runbook, and of the list of them."""
    found = sorted(RUNBOOKS.glob("*.md"))
    for path in found:
        yield f"{path.stem}.html", _page(path)
    listed = "".join(f'<li><a href="{path.stem}.html">{path.stem}</a></li>\n' for path in found)
    yield "index.html", _PAGE.format(title="Runbooks", body=f"<h1>Runbooks</h1>\n<ul>\n{listed}</ul>")


def _page(path: Path) -> str:
    body = []
    for block in re.split(r"\n{2,}|\n(?=\d\. )", path.read_text().strip()):
        # A console template is a template: nothing in a page may be taken for one.
        assert "{{" not in block, f"{path.name}: braces"
        text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(" ".join(block.split()), quote=False))
        text = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", text)
        heading = re.match(r"(#+) (.*)", text)
        body.append(f"<h{len(heading[1])}>{heading[2]}</h{len(heading[1])}>" if heading else f"<p>{text}</p>")
    return _PAGE.format(title=path.stem, body="\n".join(body))
