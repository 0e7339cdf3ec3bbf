"""Every file of the recordings: its answer passes, or there is a reason why it is not asked for."""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.faults.aws import Aws, an_aws
from tests.faults.fake import Fake, serving
from tests.faults.stack import Stack
from tests.lambdas.extract_spotify.recorded_answers import (
    ROOT,
    Asking,
    index,
    index_rows,
    recorded_answers,
)
from tests.lambdas.extract_spotify.test_recorded import counts_of_entries
from tests.lambdas.extract_spotify.test_recorded_errors import recorded_errors
from tests.lambdas.scripted_spotify import Fault
from tonearm_pipeline.errors import PipelineError
from tonearm_pipeline.ledger import ENTRY_KINDS, playlist_differences
from tonearm_pipeline.spotify.client import METHODS, Call

needs_recordings = pytest.mark.skipif(not ROOT.is_dir(), reason=f"no recorded answers in {ROOT}")
# What the pipeline never asks for, by the path of the recording.
NOT_ASKED_FOR = {
    r"^playlist_history/": "made from backups and tables of changes, no answer of the API",
    r"\.csv$": "a table, no answer of the API",
    r"^search/": "a search, a browse page, or the artists somebody follows",
    r"^albums/.*(search|new.releases)": "albums found by a search or a browse page",
    r"^artists/.*top_artists": "the artists somebody likes best",
    r"^track/(?!.*album_tracks)": "songs by themselves or somebody's favourite ones",
    r"^other/.*recently_played": "what somebody played",
    r"^other/.*(snapshot_reply|update_items)": "the reply to a change of a playlist",
    r"^other/.*(episode|markets|user-albums)": "episodes, markets, or saved albums",
}
# The accounts service's refusal goes to the token desk, in the module of the errors.
AT_THE_TOKEN_DESK = "error/kaaes_auth-invalid-client.json"
SAVED_TRACKS = r"me_tracks|saved_tracks|users?.tracks"


def passed_files() -> set[str]:
    """The files whose content the tests beside this one pass through the client."""
    names = [one.name for one in recorded_answers()] + [one.name for one in recorded_errors()]
    files = {name.partition("#")[0] for name in names}
    return files | {row["file"] for row in index_rows("token")} | {AT_THE_TOKEN_DESK}


def other_files() -> list[str]:
    """The files that hold no answer to a question of the pipeline."""
    passed = passed_files()
    return [row["file"] for row in index() if row["file"] not in passed]


def lists_of_tracks() -> list[dict[str, str]]:
    """The recordings of playlists, of their pages, and of liked songs."""
    saved = [row for row in index_rows("other") if re.search(SAVED_TRACKS, row["file"])]
    return [*index_rows("playlist"), *index_rows("playlist_items"), *saved]


@needs_recordings
def test_every_file_is_passed_or_has_a_reason_why_nobody_asks_for_it() -> None:
    others = other_files()

    without_reason = [
        file for file in others if not any(re.search(rule, file) for rule in NOT_ASKED_FOR)
    ]
    assert without_reason == []
    unused = [rule for rule in NOT_ASKED_FOR if not any(re.search(rule, file) for file in others)]
    assert unused == []
    assert len(passed_files()) + len(others) == len(index()) > 200


@needs_recordings
@pytest.mark.parametrize("file", other_files())
def test_the_answer_to_another_question_is_a_body_or_a_named_error(
    asking: Asking, file: str
) -> None:
    asking.spotify.every = Fault(body=(ROOT / file).read_bytes())

    for kind in METHODS:
        with suppress(PipelineError):
            reply = asking.client.ask(Call(kind, "0" * 22), asking.gate)
            assert isinstance(reply.body, dict)


# ---------------------------------------------------------------- each list as an account
@pytest.fixture(scope="module")
def an_aws_for_all() -> Iterator[Aws]:
    with an_aws() as aws:
        yield aws


@pytest.fixture(scope="module")
def fake() -> Iterator[Fake]:
    with serving(ROOT) as running:
        yield running


@needs_recordings
def test_there_are_lists_of_all_three_sorts() -> None:
    kinds = [row["kind"] for row in lists_of_tracks()]

    assert (kinds.count("playlist"), kinds.count("playlist_items")) == (28, 34)
    assert kinds.count("other") >= 10


@needs_recordings
@pytest.mark.parametrize("row", lists_of_tracks(), ids=lambda row: row["file"])
def test_each_recorded_list_is_collected_whole_and_counted_once(
    an_aws_for_all: Aws, fake: Fake, row: dict[str, str]
) -> None:
    fake.control(reset=True, catalogue=str(ROOT / row["file"]))
    stack = Stack(an_aws_for_all, fake, row["file"].replace("/", "."))
    stack.sources = fake.sources() or ["me/tracks"]

    execution = stack.execute()

    assert execution.status == "done"
    [read] = stack.manifest(execution.run_id)["playlists"]
    # How many entries the file holds is counted in the index, by somebody else.
    assert read["collected"] == int(row["items"])
    counted = counts_of_entries(stack, stack.manifest(execution.run_id))[read["source"]]
    assert sum(counted[kind] for kind in ENTRY_KINDS) == int(row["items"])
    assert playlist_differences(read, counted) == []
