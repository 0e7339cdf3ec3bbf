from dataclasses import replace
from typing import Any

from confirm_load.load_core import CoreLoad, Suspended
from record_run.losses import compose_findings, finding_figures, is_newer, lost_line
from tests.lambdas.tonearm_pipeline.finished_run import DATE, finished_facts, unchanged_facts
from tonearm_pipeline.ledger import RunFacts

NEXT_DATE, LATER_DATE = "2026-11-23", "2026-11-24"
READ = "spotify:playlist:playlist-a"
ISRC = "songs.isrc"


def a_run(date: str = DATE, *, isrc: tuple[int, int] = (95, 100), **raw: Any) -> RunFacts:
    facts = finished_facts()
    published = {**(facts.published or {}), "field_presence": {"songs": {"isrc": list(isrc)}}}
    documents = {**facts.raw, "refused": [], **raw}
    run_id = f"{date.replace('-', '')}T090000Z-abc123"
    return replace(facts, run_id=run_id, snapshot_date=date, raw=documents, published=published)


def refused(source: str = READ) -> dict[str, Any]:
    return {
        "refused": [{"source": source, "status": 403, "why": "Not yours.", "fix": "Copy it."}],
        "sources": [],
    }


def test_the_first_run_has_lost_nothing() -> None:
    found = compose_findings(None, a_run(isrc=(0, 100), **refused()))

    assert (found["lost"], found["news"]) == ([], [])


def test_a_field_that_vanishes_is_news_once_and_lost_since_that_date() -> None:
    first = compose_findings(None, a_run())
    second = compose_findings(first, a_run(NEXT_DATE, isrc=(0, 100)))
    third = compose_findings(second, a_run(LATER_DATE, isrc=(0, 50)))

    (lost,) = second["news"]
    assert (lost["kind"], lost["name"], lost["since"]) == ("field", ISRC, NEXT_DATE)
    assert third["lost"] == second["lost"]
    assert third["news"] == []
    assert lost_line(lost).startswith(f"{ISRC} has vanished since {NEXT_DATE}: ")


def test_a_field_that_is_back_is_no_longer_lost_and_may_be_lost_anew() -> None:
    first = compose_findings(None, a_run())
    gone = compose_findings(first, a_run(NEXT_DATE, isrc=(0, 100)))
    back = compose_findings(gone, a_run(LATER_DATE, isrc=(1, 1)))
    again = compose_findings(back, a_run("2026-11-25", isrc=(0, 100)))

    assert back["lost"] == []
    assert [one["since"] for one in again["news"]] == ["2026-11-25"]


def test_a_rare_field_missing_from_a_few_rows_is_chance() -> None:
    first = compose_findings(None, a_run(isrc=(5, 100)))

    few = compose_findings(first, a_run(NEXT_DATE, isrc=(0, 99)))
    many = compose_findings(first, a_run(NEXT_DATE, isrc=(0, 100)))

    assert few["lost"] == []
    assert [one["name"] for one in many["lost"]] == [ISRC]


def test_fields_of_full_albums_are_compared_among_runs_that_asked_for_full_albums() -> None:
    enriched = albums_with([90, 100], enrichment={"taken": {"album": 90}})
    named = albums_with([1, 100], others=[{"source": f"spotify:album:{'a' * 22}"}])
    plain = albums_with([0, 100])
    broken = albums_with([0, 100], enrichment={"taken": {"album": 90}})

    for first in (enriched, named):
        assert compose_findings(compose_findings(None, first), plain)["lost"] == []
    found = compose_findings(compose_findings(None, enriched), broken)
    assert [one["name"] for one in found["lost"]] == ["albums.label of full objects"]


def albums_with(label: list[int], **raw: Any) -> RunFacts:
    facts = a_run(**raw)
    presence = {"field_presence": {"albums": {"label": label}}}
    return replace(facts, published={**(facts.published or {}), **presence})


def test_what_the_stack_drops_by_choice_is_not_lost() -> None:
    presence = {"field_presence": {"playlists": {"owner_name": [100, 100]}}}
    facts = a_run()
    kept = replace(facts, published={**(facts.published or {}), **presence})
    presence = {"field_presence": {"playlists": {"owner_name": [0, 100]}}}
    dropped = replace(kept, published={**(facts.published or {}), **presence})

    assert compose_findings(compose_findings(None, kept), dropped)["lost"] == []


def test_a_run_that_publishes_nothing_says_nothing_of_fields() -> None:
    first = compose_findings(None, a_run())
    gone = compose_findings(first, a_run(NEXT_DATE, isrc=(0, 100)))

    unchanged = replace(unchanged_facts(), snapshot_date=LATER_DATE)
    assert compose_findings(gone, unchanged)["lost"] == gone["lost"]


def test_access_that_is_lost_names_the_source_since_when_and_why() -> None:
    first = compose_findings(None, a_run())
    second = compose_findings(first, a_run(NEXT_DATE, **refused()))
    third = compose_findings(second, a_run(LATER_DATE, **refused()))

    (lost,) = second["news"]
    assert (lost["kind"], lost["name"], lost["since"]) == ("source", READ, NEXT_DATE)
    assert lost["why"] == "Not yours. Copy it."
    assert third["lost"] == second["lost"]
    assert compose_findings(third, a_run("2026-11-25"))["lost"] == []


def test_a_source_that_was_never_readable_is_not_lost_and_one_nobody_asks_for_neither() -> None:
    first = compose_findings(None, a_run(**refused("spotify:playlist:theirs")))
    second = compose_findings(first, a_run(NEXT_DATE, **refused("spotify:playlist:theirs")))
    assert second["lost"] == []

    lost = compose_findings(compose_findings(None, a_run()), a_run(NEXT_DATE, **refused()))
    unasked = compose_findings(lost, a_run(LATER_DATE, sources=[], unchanged=[]))
    asked = compose_findings(unasked, a_run("2026-11-25", **refused()))
    assert unasked["lost"] == []
    assert [one["since"] for one in asked["lost"]] == [NEXT_DATE]


def with_suspended(facts: RunFacts, *names: str) -> RunFacts:
    suspended = tuple(
        Suspended("dynamic table", name, NEXT_DATE, "", "run `alter … resume`") for name in names
    )
    core = CoreLoad(suspended=suspended).as_dict()
    return replace(facts, load={**(facts.load or {}), "core": core})


def test_what_snowflake_suspended_is_news_once_with_what_heals_it() -> None:
    first = compose_findings(None, with_suspended(a_run(), "T.CORE.SONGS"))
    second = compose_findings(first, with_suspended(a_run(NEXT_DATE), "T.CORE.SONGS"))
    third = compose_findings(second, with_suspended(a_run(LATER_DATE)))

    (told,) = first["news"]
    assert lost_line(told) == (
        f"dynamic table T.CORE.SONGS is suspended since {NEXT_DATE}: run `alter … resume`"
    )
    assert (second["lost"], second["news"]) == (first["lost"], [])
    assert third["lost"] == []


def test_a_run_that_did_not_ask_snowflake_repeats_what_it_suspended() -> None:
    first = compose_findings(None, with_suspended(a_run(), "T.CORE.SONGS"))

    second = compose_findings(first, replace(unchanged_facts(), snapshot_date=NEXT_DATE))

    assert second["lost"] == first["lost"]
    assert second["news"] == []


def test_a_replay_and_an_earlier_date_say_nothing_of_today() -> None:
    first = compose_findings(None, a_run(NEXT_DATE))

    assert is_newer(None, a_run())
    assert is_newer(first, a_run(NEXT_DATE))
    assert not is_newer(first, a_run(DATE))
    assert not is_newer(first, replace(a_run(LATER_DATE), attempt=2))


def test_the_figures_count_each_kind() -> None:
    first = compose_findings(None, a_run())
    found = compose_findings(first, a_run(NEXT_DATE, isrc=(0, 100), **refused()))

    figures = {figure.name: figure.value for figure in finding_figures(found["lost"])}
    assert figures == {"FieldsVanished": 1, "AccessLost": 1}
