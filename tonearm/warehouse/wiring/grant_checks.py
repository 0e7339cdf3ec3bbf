"""Compares what the roles may do with the GRANT statements of the SQL files."""

import re
from collections.abc import Iterator

from tonearm.findings import APPLY, Finding, Kind
from tonearm.warehouse.wiring.expected import Wanted
from tonearm.warehouse.wiring.observed import Survey

_ALL_OF = re.compile(r"ALL\s+(?P<kinds>[\w ]+?)S\s+IN\s+SCHEMA\s+(?P<schema>\S+)", re.I)
_GRANT = re.compile(
    r"GRANT\s+(?P<privileges>.+?)\s+ON\s+(?P<what>.+?)\s+TO\s+ROLE\s+(?P<role>\S+)\s*$",
    re.I | re.S,
)


def grant_findings(wanted: Wanted, survey: Survey) -> Iterator[Finding]:
    """The roles that lack grants, as far as the account shows them."""
    needed: dict[str, set[tuple[str, str]]] = {}
    for sql in wanted.grants:
        found = _GRANT.match(sql)
        if found and found["role"].upper() in survey.grants:
            needed.setdefault(found["role"].upper(), set()).update(_pairs(found, wanted))
    for role, pairs in sorted(needed.items()):
        if lacking := sorted(pairs - survey.grants[role]):
            privilege, name = lacking[0]
            more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            what = f"role {role} lacks {privilege} on {name}{more}"
            yield Finding(Kind.GRANTS, role, what, APPLY)


def _pairs(grant: "re.Match[str]", wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Each (privilege, object) of a GRANT; future grants are not objects yet."""
    for privilege in re.split(r"\s*,\s*", " ".join(grant["privileges"].upper().split())):
        for name in _granted_objects(grant["what"], wanted):
            yield privilege, name


def _granted_objects(what: str, wanted: Wanted) -> list[str]:
    if re.match(r"FUTURE\b", what, re.I):
        return []
    if every := _ALL_OF.match(what):
        schema = every["schema"].upper()
        kind = " ".join(every["kinds"].upper().split())
        return [name for name in wanted.of_kind(kind) if name.startswith(f"{schema}.")]
    return [what.rsplit(maxsplit=1)[-1].upper()]
