"""Who imports whom: no circle, and nothing of the local cloud in the commands for a real stack."""

import ast
from collections.abc import Iterator, Mapping, Set
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tonearm.project import ROOT

# Each folder with the one its modules are named from.
ROOTS = {ROOT / "lambdas": ROOT / "lambdas", ROOT / "glue_jobs": ROOT / "glue_jobs"} | {
    ROOT / "tonearm": ROOT
}
LOCAL = "tonearm.local"
# It starts the local cloud.
LOCAL_COMMANDS = "tonearm.cli.local"


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__"): path
        for folder, base in ROOTS.items()
        for path in sorted(folder.rglob("*.py"))
    }


def imports_of(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Those that run, at the top or inside a function; those for a type checker do not."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield from imports_of(child)


def imported_by(text: str, known: Set[str]) -> set[str]:
    """The known modules a text imports; a package only where a name of its own is taken."""
    names: set[str] = set()
    for found in imports_of(ast.parse(text)):
        if isinstance(found, ast.Import):
            names |= {each.name for each in found.names}
        else:
            assert found.level == 0, "a relative import"
            whole = {f"{found.module}.{each.name}" for each in found.names}
            names |= {name if name in known else str(found.module) for name in whole}
    return names & known


def graph() -> dict[str, set[str]]:
    found = modules()
    texts = {name: path.read_text(encoding="utf-8") for name, path in found.items()}
    return {name: imported_by(text, found.keys()) - {name} for name, text in texts.items()}


def circle_in(imports: Mapping[str, set[str]]) -> str:
    """The modules of one circle in the order of their imports; empty without one."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return " -> ".join(reversed(error.args[1]))
    return ""


def test_no_module_imports_itself_through_others() -> None:
    assert circle_in(graph()) == ""


def test_a_circle_is_listed_and_an_import_inside_a_function_counts() -> None:
    texts = {
        "a": "from b import c",
        "b": "def f():\n    import d",
        "d": "import a",
        "e": "if TYPE_CHECKING:\n    import a",
    }

    found = circle_in({name: imported_by(text, texts.keys()) for name, text in texts.items()})

    assert found in {"a -> b -> d -> a", "b -> d -> a -> b", "d -> a -> b -> d"}


def test_the_commands_for_a_real_stack_import_nothing_of_the_local_cloud() -> None:
    assert [
        f"{name} imports {other}"
        for name, others in graph().items()
        if name.startswith("tonearm.") and name != LOCAL_COMMANDS and not name.startswith(LOCAL)
        for other in sorted(others)
        if other.startswith(LOCAL)
    ] == []
