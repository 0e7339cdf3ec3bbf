import io

from rich.console import Console

from tonearm.screen import Screen


def printed(width: int = 120) -> tuple[Screen, io.StringIO]:
    text = io.StringIO()
    return Screen(Console(file=text, width=width)), text


def a_ledger(*, balances: bool) -> dict[str, object]:
    names = ("api_total", "songs", "episodes", "local_files", "unavailable", "malformed")
    steps = ("read", "accepted", "repeats", "quarantined", "staged", "curated", "loaded")
    return {
        "playlists": [{"playlist_id": "p1", **dict.fromkeys(names, 7), "balances": balances}],
        "entities": {"songs": {**dict.fromkeys((*steps, "warehouse"), 9), "balances": balances}},
        "balances": balances,
        "differences": [] if balances else [{"step": "load", "expected": 9, "found": 8}],
    }


def test_a_balanced_ledger_says_yes() -> None:
    screen, text = printed()

    screen.ledger(a_ledger(balances=True))

    assert "ledger balances: yes" in text.getvalue()


def test_an_unbalanced_ledger_shows_its_differences() -> None:
    screen, text = printed()

    screen.ledger(a_ledger(balances=False))

    assert "ledger balances: NO" in text.getvalue()
    assert "'step': 'load'" in text.getvalue()


def test_names_in_brackets_are_printed_as_they_are() -> None:
    screen, text = printed()

    screen.table("Songs", ["name"], [["[bold]Live[/bold] (feat. X)"]])

    assert "[bold]Live[/bold] (feat. X)" in text.getvalue()


def test_unknown_is_blank_and_not_zero() -> None:
    screen, text = printed()

    screen.table("Changes", ["name", "position"], [["a", None], ["b", 3]])

    assert "None" not in text.getvalue()
    assert "0" not in text.getvalue()
