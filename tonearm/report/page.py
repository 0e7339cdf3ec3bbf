"""The whole page: one HTML file without anything from elsewhere, for light and dark."""

from html import escape
from pathlib import Path

from tonearm.report import sections
from tonearm.report.documents import RunDocuments

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --ground: #fbfbfa; --ink: #1d1f21; --soft: #5d6166;
  --line: #dcdee1; --bar: #2a6f97; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15171a; --ink: #e8e9eb; --soft: #a2a7ad; --line: #34383d; --bar: #6fb3d6; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--ground);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.status, figcaption, th { color: var(--soft); } figure { margin: 1rem 0; }
.scroll, figure { overflow-x: auto; } table { border-collapse: collapse; margin: .5rem 0; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; border-bottom: 1px solid var(--line);
  font-weight: normal; white-space: nowrap; } td.right { text-align: right; }
.number, .value { font-variant-numeric: tabular-nums; }
svg text { fill: var(--ink); font-size: 13px; dominant-baseline: central; }
svg .label { text-anchor: end; } svg .bar { fill: var(--bar); }
svg .track { fill: var(--line); }
"""


def page_of(run: RunDocuments) -> str:
    """The page of a run; every figure is one of its documents, and says which."""
    parts = (
        sections.failure(run),
        sections.flow(run),
        sections.ledger(run),
        sections.calls(run),
        sections.freshness(run),
        sections.fields(run),
        sections.cost(run),
    )
    title = escape(f"Tonearm run {run.run_id}")
    status = escape((run.receipt or {}).get("status", "failed"))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f'<body><h1>{title}</h1><p class="status">{status}</p>{"".join(parts)}</body></html>\n'
    )


def write_page(run: RunDocuments, path: Path) -> Path:
    """Write the page of a run to a file.

    Returns:
        The file's whole path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page_of(run), encoding="utf-8")
    return path.resolve()
