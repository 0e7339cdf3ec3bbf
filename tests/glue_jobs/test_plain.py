"""Plain lines, read by Python workers, give what Spark's own expressions and the reference give."""

import gzip
import importlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.pandas import utils

from tests.glue_jobs.comparing import differences, reference_of
from tests.glue_jobs.generated import generated_run, pages_of_one_entry
from tests.glue_jobs.jobs import JOBS, ROOT, run_jobs
from tests.glue_jobs.raw_files import RawRun, as_text, raw_line, recorded_run
from tests.glue_jobs.run_reference import recordings
from tests.glue_jobs.strategies import over_drawn_runs
from tonearm_glue import plain
from tonearm_glue.manifest import PlaylistRead, RawManifest
from tonearm_glue.plain_worker import lines_of, read_parts, unzipped

LIST = "spotify:playlist:list"
READ = PlaylistRead(0, "list", LIST, 1, 2, "snapshot", is_consistent=True)


@pytest.fixture
def both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run counts as large."""
    monkeypatch.setattr(plain, "FROM_BYTES", 0)


def a_track(**fields: Any) -> dict[str, Any]:
    track = {
        "id": "track1",
        "name": "One",
        "type": "track",
        "uri": "spotify:track:track1",
        "duration_ms": 210000,
        "artists": [{"id": "artist1", "name": "Ann"}],
        "album": {"id": "album1", "name": "", "release_date": None, "artists": []},
    }
    return {**track, **fields}


def a_line(*entries: Any, **fields: Any) -> str:
    line = raw_line("playlist_items", {"items": [*entries], "offset": 0}, LIST)
    return as_text({**line, **fields})


def taken(job: str, *lines: str) -> list[bool]:
    """Which of the lines a job's reader takes."""
    reader = importlib.import_module(f"tonearm_glue.plain_{job}").Reader({READ.read_key: READ})
    return [_is_taken(reader, line.encode()) for line in lines]


def _is_taken(reader: Any, line: bytes) -> bool:
    import msgspec

    try:
        reader.read_line(line)
    except (ValueError, msgspec.MsgspecError):
        return False
    return True


def share_taken(job: str, run: RawRun) -> float:
    reads = {read.read_key: read for read in RawManifest.from_json(run.manifest([])).playlists}
    reader = importlib.import_module(f"tonearm_glue.plain_{job}").Reader(reads)
    lines = [line.encode() for part in run.parts for line in part]
    return sum(_is_taken(reader, line) for line in lines) / len(lines)


@pytest.mark.spark
def test_entries_of_usual_types_give_what_the_reference_gives(
    spark: SparkSession, tmp_path: Path, both_ways: None
) -> None:
    run = pages_of_one_entry(600)

    staged = run_jobs(run, tmp_path)

    assert differences(staged, reference_of(run)) == []
    for job in JOBS:
        assert 0.2 < share_taken(job, run) < 1


@pytest.mark.spark
def test_every_recorded_file_gives_the_same_by_both_ways(
    spark: SparkSession, tmp_path: Path, both_ways: None
) -> None:
    folder = recordings()
    if not folder.is_dir():
        pytest.skip(f"no recorded responses at {folder} (set TONEARM_RECORDED)")
    run, _files = recorded_run(folder)

    staged = run_jobs(run, tmp_path)

    assert differences(staged, reference_of(run)) == []


@pytest.mark.spark
@pytest.mark.timeout(900)
def test_values_nobody_thought_of_give_the_same_by_both_ways(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, both_ways: None
) -> None:
    @over_drawn_runs(1)
    def judge(run: RawRun) -> None:
        staged = run_jobs(run, tmp_path_factory.mktemp("bucket"))

        assert differences(staged, reference_of(run)) == []

    judge()


@pytest.mark.spark
def test_without_the_library_every_line_goes_the_usual_way(
    spark: SparkSession,
    tmp_path: Path,
    both_ways: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(plain, "LIBRARY", "no_such_library")
    run = generated_run(60)

    staged = run_jobs(run, tmp_path)

    assert differences(staged, reference_of(run)) == []
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line[:1] == "{"]
    assert said == [{"event": "lines_left_to_spark", "lines": 60}] * len(JOBS)


@pytest.mark.spark
def test_without_arrow_a_large_run_goes_the_usual_way(
    spark: SparkSession,
    tmp_path: Path,
    both_ways: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def missing() -> None:
        raise ImportError("pyarrow must be installed")

    monkeypatch.setattr(utils, "require_minimum_pyarrow_version", missing)
    run = generated_run(60)

    staged = run_jobs(run, tmp_path)

    assert differences(staged, reference_of(run)) == []
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line[:1] == "{"]
    told = {"event": "python_workers_not_used", "reason": "pyarrow must be installed"}
    assert said == [told] * len(JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_a_plain_line_is_taken_in_either_shape(job: str) -> None:
    lines = [a_line({name: a_track(), "added_at": None}) for name in ("item", "track")]

    assert taken(job, *lines, a_line({"track": None}, {"item": a_track(duration_ms=3.0)})) == [
        True,
        True,
        True,
    ]


ODD_FOR_ALL = {
    "an entry that is null": a_line(None),
    "a content of another type": a_line({"track": True}),
    "an id of another type": a_line({"track": a_track(id=5)}),
    "no entries": a_line(),
    "another read": a_line({"track": a_track()}, read=2),
    "a read that is no whole number": a_line({"track": a_track()}, read="1"),
    "a kind of its own": a_line({"track": a_track()}, kind="playlist"),
    "a moment that is none": a_line({"track": a_track()}, fetched_at="2024-02-30T06:00:00Z"),
    "a moment with another zone": a_line(
        {"track": a_track()}, fetched_at="2024-05-11T08:30:00+02:00"
    ),
    "a place with a fraction": a_line({"track": a_track()}).replace('"offset":0', '"offset":0.5'),
    "a type beyond ASCII": a_line({"track": a_track(type="TRACK\u0130")}),
    "two lines in one": a_line({"track": a_track()}) * 2,
    "a line that is cut": a_line({"track": a_track()})[:-9],
}


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("line", ODD_FOR_ALL.values(), ids=ODD_FOR_ALL.keys())
def test_what_is_odd_is_left(job: str, line: str) -> None:
    assert taken(job, line) == [False]


ODD_FOR_ONE = {
    "albums": [
        a_track(album={"name": "no id"}),
        a_track(album={"id": "a", "release_date": "1983"}),
        a_track(album={"id": "a", "total_tracks": 3.5}),
        a_track(album={"id": "a", "total_tracks": 1 << 31}),
        a_track(album={"id": "a", "artists": [None]}),
        a_track(album={"id": "a", "images": [{"width": "64"}]}),
    ],
    "artists": [
        a_track(artists=[{"name": "no id"}]),
        a_track(artists=[None]),
        a_track(artists=[{"id": "a", "followers": {"total": 1 << 60}}]),
        a_track(album={"artists": [{"id": ""}]}),
    ],
    "songs": [
        a_track(id=None),
        a_track(type="ad"),
        a_track(duration_ms="12"),
        a_track(explicit="true"),
        a_track(external_ids={"isrc": 12}),
    ],
}


@pytest.mark.parametrize(
    ("job", "track"), [(job, track) for job, tracks in ODD_FOR_ONE.items() for track in tracks]
)
def test_what_a_job_must_look_at_is_left(job: str, track: dict[str, Any]) -> None:
    good = a_line({"track": a_track()})

    assert taken(job, good, a_line({"track": a_track()}, {"track": track}), good) == [
        True,
        False,
        True,
    ]


EXACT, INTEGER = 1 << 53, 1 << 31
BORDERS = {
    "artists": [("popularity", INTEGER), ("followers", EXACT)],
    "songs": [("popularity", INTEGER), ("duration_ms", EXACT)],
    "albums": [("popularity", INTEGER), ("total_tracks", INTEGER)],
}


def holding(job: str, field: str, number: float) -> dict[str, Any]:
    value = {field: {"total": number} if field == "followers" else number}
    if job == "artists":
        return a_track(artists=[{"id": "a", **value}])
    return a_track(album={"id": "a", **value}) if job == "albums" else a_track(**value)


@pytest.mark.parametrize(
    ("job", "field", "border"),
    [(job, field, border) for job, fields in BORDERS.items() for field, border in fields],
)
def test_a_number_beyond_its_column_or_beyond_exact_floats_is_left(
    job: str, field: str, border: int
) -> None:
    least = -border if border == INTEGER else 1 - border
    good = [0, border - 1, float(border - 1), least, float(least)]
    beyond = [border, float(border), least - 1, float(least - 1), 1 << 63, -(1 << 63) - 1, 1e19]
    lines = [a_line({"track": holding(job, field, number)}) for number in (*good, *beyond)]

    assert taken(job, *lines) == [True] * len(good) + [False] * len(beyond)


def parts(*contents: bytes) -> Iterator[pa.RecordBatch]:
    names = [f"part-{number:05d}.json.gz" for number in range(len(contents))]
    yield pa.RecordBatch.from_pydict({"file_name": names, "content": [*contents]})


_TEXT, _INTEGER = pa.string(), pa.int32()
_CREDIT = pa.struct([pa.field("artist_id", _TEXT), pa.field("name", _TEXT)])
_TYPES: dict[str, pa.DataType] = {
    "raw_key": _TEXT,
    "line": _INTEGER,
    "value": pa.binary(),
    **dict.fromkeys(("album_id", "name", "type", "date", "precision"), _TEXT),
    "tracks": _INTEGER,
    "label": _TEXT,
    "popularity": _INTEGER,
    "upc": _TEXT,
    "genres": pa.list_(_TEXT),
    "artists": pa.list_(_CREDIT),
    **dict.fromkeys(("image", "page", "uri"), _TEXT),
    "extracted_at": pa.timestamp("us", "UTC"),
    "copies": _INTEGER,
    "lines": _INTEGER,
}
SCHEMA = pa.schema([pa.field(name, kind) for name, kind in _TYPES.items()])


def read(*contents: bytes) -> list[dict[str, Any]]:
    found = read_parts(
        parts(*contents),
        library="msgspec",
        module="tonearm_glue.plain_albums",
        reads={READ.read_key: READ},
        raw_prefix="raw/",
        schema=SCHEMA,
    )
    return [row for batch in found for row in batch.to_pylist()]


def test_an_album_met_again_in_the_same_words_is_one_row_with_its_newest_moment() -> None:
    moments = ["2024-05-11T06:00:00Z", "2024-05-11T07:00:00.5Z", "2024-05-11T05:00:00Z"]
    album = {"id": "album1"}
    lines = [a_line({"track": a_track(album=album)}, fetched_at=at) for at in moments]

    rows = read(*(gzip.compress(line.encode()) for line in lines))

    assert [(row["album_id"], row["copies"], row["lines"]) for row in rows] == [
        ("album1", 3, 0),
        (None, 0, 3),
    ]
    assert rows[0]["extracted_at"].isoformat() == "2024-05-11T07:00:00.500000+00:00"


def test_a_line_that_is_left_keeps_its_place_and_its_bytes() -> None:
    odd = b'{"name":"\xff"}'

    rows = read(gzip.compress(b"\n".join([a_line({"track": a_track()}).encode(), odd, b""])))

    assert [(row["raw_key"], row["line"], row["value"]) for row in rows if row["value"]] == [
        ("raw/part-00000.json.gz", 1, odd)
    ]


def test_lines_end_with_their_break() -> None:
    cut = [[bytes(line) for line in lines_of(text)] for text in (b"", b"a", b"a\n", b"a\n\nb\n")]

    assert cut == [[], [b"a"], [b"a"], [b"a", b"", b"b"]]


def test_a_part_of_several_members_is_read_whole_and_a_cut_one_is_an_error() -> None:
    assert unzipped(gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"
    with pytest.raises(EOFError, match="cut off"):
        unzipped(gzip.compress(b"abc" * 99)[:-9])


def test_a_compiled_library_is_imported_from_what_the_jobs_zip_brings(tmp_path: Path) -> None:
    """As on Glue: the shared package comes from a zip, and no library is installed."""
    archive = tmp_path / "glue.zip"
    with zipfile.ZipFile(archive, "w") as held:
        held.writestr("tonearm_glue/__init__.py", "")
        held.write(ROOT / "glue_jobs" / "tonearm_glue" / "native.py", "tonearm_glue/native.py")
        library = Path(importlib.import_module("msgspec").__path__[0])
        for path in library.rglob("*"):
            if path.suffix in {".py", ".so"}:
                held.write(path, f"native/msgspec/{path.relative_to(library)}")
    code = (
        f"import sys; sys.path.insert(0, {str(archive)!r})\n"
        "from tonearm_glue.native import make_importable\n"
        "print([make_importable(name) for name in ('msgspec', 'no_such_library')])\n"
        "import msgspec; print(msgspec.json.decode(b'[1]'))"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[True, False]\n[1]\n"


def test_the_columns_of_a_reader_are_those_its_job_names(tmp_path: Path) -> None:
    from tonearm_glue import album_mentions, artist_mentions, song_mentions

    line = a_line({"track": a_track(album={"id": "a", "artists": []})})
    for module in (album_mentions, artist_mentions, song_mentions):
        reader = importlib.import_module(module.PLAIN.module).Reader({READ.read_key: READ})
        reader.read_line(line.encode())

        assert len(reader.columns(is_last=True)) == _columns_in(module.PLAIN.columns)


def _columns_in(schema: str) -> int:
    return json.dumps(schema).count(", ") + 1
