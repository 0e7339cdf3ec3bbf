"""The whole page: one HTML file without anything from elsewhere, for light and dark."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from tonearm.report import sections
from tonearm.report.documents import RunDocuments

_TEMPLATE = "page.html.j2"


def page_of(run: RunDocuments) -> str:
    """The page of a run; every figure is one of its documents, and says which."""
    environment = Environment(
        loader=PackageLoader("tonearm.report", ""),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=True,
    )
    return environment.get_template(_TEMPLATE).render(
        run_id=run.run_id,
        status=(run.receipt or {}).get("status", "failed"),
        sections=sections.of_run(run),
    )


def write_page(run: RunDocuments, path: Path) -> Path:
    """Write the page of a run to a file.

    Returns:
        The file's whole path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page_of(run), encoding="utf-8")
    return path.resolve()
