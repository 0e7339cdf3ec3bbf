"""The arguments of a job: read as Glue reads them."""

from datetime import date

import pytest

from tonearm_glue.arguments import parse_args

GIVEN = {
    "bucket_uri": "s3://bucket/",
    "raw": "s3://bucket/raw/run1/pages/",
    "manifest": "s3://bucket/raw/run1/manifest.json",
    "staged": "s3://bucket/staged/run1/2/",
    "run_id": "run1",
    "snapshot_date": "2024-05-11",
    "attempt": "2",
}


def words(**changes: str) -> list[str]:
    return [word for name, value in {**GIVEN, **changes}.items() for word in (f"--{name}", value)]


def test_what_glue_adds_is_ignored() -> None:
    args = parse_args([*words(), "--JOB_NAME", "albums", "--TempDir", "s3://x/", "--JOB_RUN_ID=j"])

    assert (args.run_id, args.snapshot_date, args.attempt) == ("run1", date(2024, 5, 11), 2)


def test_keys_are_addresses_without_their_bucket() -> None:
    args = parse_args(words())

    assert args.raw_prefix == "raw/run1/pages/"
    assert args.manifest_key == "raw/run1/manifest.json"
    assert args.staged_folder("quarantine", "songs") == "s3://bucket/staged/run1/2/quarantine/songs"


def test_a_folder_may_come_without_its_slash() -> None:
    args = parse_args(words(raw="s3://bucket/raw/run1/pages", staged="s3://bucket/staged/run1/2"))

    assert args.raw_prefix == "raw/run1/pages/"
    assert args.staged_folder("songs") == "s3://bucket/staged/run1/2/songs"


@pytest.mark.parametrize("name", GIVEN)
def test_a_missing_argument_is_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    without = [word for word in words() if word not in (f"--{name}", GIVEN[name])]

    with pytest.raises(SystemExit):
        parse_args(without)

    assert f"--{name}" in capsys.readouterr().err


def test_an_abbreviation_is_not_an_argument(capsys: pytest.CaptureFixture[str]) -> None:
    shortened = ["--attem" if word == "--attempt" else word for word in words()]

    with pytest.raises(SystemExit):
        parse_args(shortened)

    assert "--attempt" in capsys.readouterr().err
