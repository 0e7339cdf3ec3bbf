"""What a stack used to see or do and no more: vanished fields, lost access, suspended schedules.

A run knows in how many objects each optional field was present, which sources were refused, and
which dynamic tables and tasks of Snowflake stood still. Each run's findings build on those before,
so every loss keeps the date it was first seen. What is news goes to the topic.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_lambda_powertools import Logger

from record_run.notify import Topic
from record_run.settings import SERVICE
from tonearm_pipeline.errors import AwsRefusedError, StorageUnavailableError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import KNOWN_FINDINGS_KEY, findings_key
from tonearm_pipeline.ledger import RunFacts
from tonearm_pipeline.metrics import COUNT, Figure, publish_figures
from tonearm_pipeline.sources import ALBUM, ARTIST, parse_source

OUTCOME: Final = "lost"
FIELD: Final = "field"
SOURCE: Final = "source"
SUSPENDED: Final = "suspended"
# A rare field may be missing from a few objects by chance: with five expected it hardly is.
LEAST_EXPECTED: Final = 5
# `DropPersonalFields` takes these away: a choice of the stack, no loss.
_CHOSEN: Final = frozenset({"playlist_entries.added_by_id", "playlists.owner_name"})
_FULL_OBJECTS: Final = {"albums": ALBUM, "artists": ARTIST}
_VERBS: Final = {
    FIELD: "has vanished",
    SOURCE: "can no longer be read",
    SUSPENDED: "is suspended",
}
_FIELD_GONE: Final = "no object has it any more; its column is NULL from this date on"


logger = Logger(service=SERVICE, child=True)


def record_losses(facts: RunFacts, store: JsonStore, topic: Topic, namespace: str) -> None:
    """Write the findings of a run whose ledger balances; a repetition says the same again.

    Args:
        facts: the documents of the run.
        store: holds the findings of each run, and the newest ones.
        topic: is told of what is new.
        namespace: CloudWatch namespace of the figures.
    """
    before = store.get(KNOWN_FINDINGS_KEY)
    if not is_newer(before, facts):
        return
    is_repetition = before is not None and before["run_id"] == facts.run_id
    findings = before if is_repetition and before else compose_findings(before, facts)
    store.put(findings_key(facts.run_id), findings)
    store.put(KNOWN_FINDINGS_KEY, findings)
    about = {"run_id": facts.run_id}
    publish_figures(namespace, SERVICE, finding_figures(findings["lost"]), about)
    if findings["news"]:
        _tell(findings, topic)


def _tell(findings: Mapping[str, Any], topic: Topic) -> None:
    for one in findings["news"]:
        logger.warning(
            "lost", extra={"kind": one["kind"], "lost": one["name"], "since": one["since"]}
        )
    lines = [lost_line(one) for one in findings["news"]]
    subject = f"Tonearm run {findings['run_id']}: {len(lines)} lost"
    try:
        topic.tell(OUTCOME, subject, "\n".join(lines))
    except (AwsRefusedError, StorageUnavailableError) as exc:
        # The alarm tells it too; a note that cannot be sent must not turn the run red.
        logger.warning("the note was not sent", extra={"reason": str(exc)})


def compose_findings(before: Mapping[str, Any] | None, facts: RunFacts) -> dict[str, Any]:
    """Return a run's findings as JSON: what is known, what is lost since when, what is news.

    Args:
        before: the findings of the run before, None for the first.
        facts: the documents of the run.
    """
    earlier = before or {}
    fields = _fields_after(earlier.get("fields", {}), facts)
    sources = _sources_after(earlier.get("sources", {}), facts)
    lost = [
        *_lost_fields(fields),
        *_lost_sources(sources, facts),
        *_suspended(earlier.get("lost", []), facts),
    ]
    told = {(one["kind"], one["name"], one["since"]) for one in earlier.get("lost", [])}
    return {
        "run_id": facts.run_id,
        "snapshot_date": facts.snapshot_date,
        "fields": fields,
        "sources": sources,
        "lost": lost,
        "news": [one for one in lost if (one["kind"], one["name"], one["since"]) not in told],
    }


def is_newer(before: Mapping[str, Any] | None, facts: RunFacts) -> bool:
    """Tell whether a run says something about the present: no replay, and of no earlier date."""
    is_first_attempt = facts.attempt == 1
    return is_first_attempt and (before is None or before["snapshot_date"] <= facts.snapshot_date)


def lost_line(lost: Mapping[str, str]) -> str:
    """Return one loss in one line: what, since when, why."""
    return f"{lost['name']} {_VERBS[lost['kind']]} since {lost['since']}: {lost['why']}"


def finding_figures(lost: Sequence[Mapping[str, str]]) -> list[Figure]:
    """Return how much of what the stack used to see is lost."""
    kinds = [one["kind"] for one in lost]
    return [
        Figure("FieldsVanished", COUNT, kinds.count(FIELD)),
        Figure("AccessLost", COUNT, kinds.count(SOURCE)),
    ]


def _fields_after(known: Mapping[str, Any], facts: RunFacts) -> dict[str, Any]:
    """By entity.column: the share of rows it was last seen in, and since when in none."""
    fields = dict(known)
    for entity, columns in (facts.published or {}).get("field_presence", {}).items():
        for column, (count, rows) in columns.items():
            name = f"{entity}.{column}{_way(entity, facts)}"
            if name in _CHOSEN:
                continue
            if count:
                fields[name] = {"share": round(count / rows, 4), "since": None}
            elif name in fields and _is_told_by(rows, fields[name]):
                since = fields[name]["since"] or facts.snapshot_date
                fields[name] = {**fields[name], "since": since}
    return fields


def _way(entity: str, facts: RunFacts) -> str:
    """Fields only full albums and artists have are compared among runs that asked for such."""
    if entity not in _FULL_OBJECTS:
        return ""
    kind = _FULL_OBJECTS[entity]
    taken = facts.raw.get("enrichment", {}).get("taken", {}).get(kind)
    sources = (one["source"] for one in facts.raw["others"])
    is_full = taken or any(parse_source(uri).kind == kind for uri in sources)
    return " of full objects" if is_full else ""


def _is_told_by(rows: int, field: Mapping[str, Any]) -> bool:
    return bool(field["share"] * rows >= LEAST_EXPECTED)


def _sources_after(known: Mapping[str, Any], facts: RunFacts) -> dict[str, Any]:
    """By URI, of every source that was readable once: since when it is refused."""
    read = {one["source"] for one in (*facts.raw["sources"], *facts.raw["unchanged"])}
    sources = {**known, **{uri: {"since": None} for uri in sorted(read)}}
    for uri in _refusals(facts):
        if uri in sources:
            sources[uri] = {"since": sources[uri]["since"] or facts.snapshot_date}
    return sources


def _lost_fields(fields: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"kind": FIELD, "name": name, "since": field["since"], "why": _FIELD_GONE}
        for name, field in sorted(fields.items())
        if field["since"]
    ]


def _lost_sources(sources: Mapping[str, Any], facts: RunFacts) -> list[dict[str, str]]:
    """Only what this run was refused: what nobody asks for any more is no loss."""
    return [
        {"kind": SOURCE, "name": uri, "since": sources[uri]["since"], "why": why}
        for uri, why in sorted(_refusals(facts).items())
        if uri in sources
    ]


def _suspended(before: list[dict[str, str]], facts: RunFacts) -> list[dict[str, str]]:
    """What Snowflake no longer refreshes or starts; a run that did not ask repeats the last."""
    if facts.load is None:
        return [one for one in before if one["kind"] == SUSPENDED]
    return [
        {
            "kind": SUSPENDED,
            "name": f"{one['kind']} {one['name']}",
            "since": one["since"],
            "why": f"{one['reason']}: {one['fix']}" if one["reason"] else one["fix"],
        }
        for one in facts.load.get("core", {}).get("suspended", [])
    ]


def _refusals(facts: RunFacts) -> dict[str, str]:
    return {one["source"]: f"{one['why']} {one['fix']}" for one in facts.raw["refused"]}
