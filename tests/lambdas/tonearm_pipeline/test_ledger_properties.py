"""The ledger over made-up figures: it balances exactly when every sum does."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.lambdas.tonearm_pipeline.finished_run import finished_facts, key_of
from tonearm_pipeline.ledger import ENTITY_NAMES, ENTRY_KINDS, RunFacts, compose_ledger

small = st.integers(min_value=0, max_value=3)


@st.composite
def entity_figures(draw: st.DrawFn) -> dict[str, int]:
    """Figures of which most agree: a row count, and each place off by a little or not at all."""
    rows = draw(st.integers(min_value=0, max_value=50))
    off = st.sampled_from([0, 0, 0, 0, 0, 0, 1, -1 if rows else 2])
    figures = {name: rows + draw(off) for name in ("staged", "curated", "loaded", "warehouse")}
    figures |= {"accepted": rows, "repeats": draw(small), "quarantined": draw(small)}
    figures["read"] = rows + figures["repeats"] + figures["quarantined"] + max(draw(off), -rows)
    return figures


@st.composite
def playlist_figures(draw: st.DrawFn) -> dict[str, int]:
    kinds = {kind: draw(small) for kind in ENTRY_KINDS}
    off = st.sampled_from([0, 0, 0, 0, 1])
    total = sum(kinds.values())
    return {
        **kinds,
        "api_total": total + draw(off),
        "collected": total + draw(off),
        "of_job": total + draw(off),
    }


def facts_of(entities: dict[str, dict[str, int]], playlists: list[dict[str, int]]) -> RunFacts:
    facts = finished_facts()
    published: Any = facts.published
    load: Any = facts.load
    raw: Any = facts.raw
    for name, figures in entities.items():
        published["entities"][name] |= {
            figure: value for figure, value in figures.items() if figure not in {"loaded"}
        }
        published["entities"][name]["files"] = [
            {"key": key_of(name), "rows": figures["curated"], "bytes": 1}
        ]
        load["entities"][name] = {figure: figures[figure] for figure in ("loaded", "warehouse")}
    load["files"] = [
        {"key": key_of(name), "status": "loaded", "rows_loaded": figures["curated"]}
        for name, figures in entities.items()
    ]
    raw["playlists"] = [
        {"playlist_id": str(number), "api_total": one["api_total"], "collected": one["collected"]}
        for number, one in enumerate(playlists)
    ]
    published["playlists"] = [
        {"playlist_id": str(number), **one, "api_total": one["of_job"]}
        for number, one in enumerate(playlists)
    ]
    return facts


def entity_balances(figures: dict[str, int]) -> bool:
    rows = figures["accepted"]
    adds_up = figures["read"] == rows + figures["repeats"] + figures["quarantined"]
    places = {figures[name] for name in ("staged", "curated", "loaded", "warehouse")}
    return adds_up and places == {rows}


def playlist_balances(figures: dict[str, int]) -> bool:
    classified = sum(figures[kind] for kind in ENTRY_KINDS)
    totals = {figures[name] for name in ("api_total", "collected", "of_job")}
    return totals == {classified}


@given(
    entities=st.fixed_dictionaries({name: entity_figures() for name in ENTITY_NAMES}),
    playlists=st.lists(playlist_figures(), max_size=4),
)
def test_it_balances_exactly_when_every_sum_does(
    entities: dict[str, dict[str, int]], playlists: list[dict[str, int]]
) -> None:
    ledger = compose_ledger(facts_of(entities, playlists))

    by_entity = {name: line["balances"] for name, line in ledger["entities"].items()}
    by_playlist = [line["balances"] for line in ledger["playlists"]]
    assert by_entity == {name: entity_balances(figures) for name, figures in entities.items()}
    assert by_playlist == [playlist_balances(figures) for figures in playlists]
    assert ledger["balances"] == (all(by_entity.values()) and all(by_playlist))
    named = {one["entity"] for one in ledger["differences"] if "entity" in one}
    assert named == {name for name, balances in by_entity.items() if not balances}
