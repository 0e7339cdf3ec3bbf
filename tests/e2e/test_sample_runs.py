"""The main job, from the fake Spotify to warehouse tables, and the evidence it leaves."""

import json
from pathlib import Path

import pytest

from tests.e2e.local_cloud import SECOND_DAY, Cloud, different_lines
from tonearm.local.days import Day, DayResult, write_report

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

ENTITIES = {"albums", "artists", "songs", "playlist_entries", "playlists"}


def test_both_days_are_green_and_their_ledgers_balance(sample_runs: list[DayResult]) -> None:
    for result in sample_runs:
        assert result.finished.is_green, result.finished.cause
        assert result.ledger is not None
        assert result.ledger["balances"] is True
        assert result.ledger["differences"] == []
        assert all(row["balances"] for row in result.ledger["playlists"])
        assert set(result.ledger["entities"]) == ENTITIES
        assert all(row["balances"] for row in result.ledger["entities"].values())


def test_every_step_counts_the_same_rows(sample_runs: list[DayResult]) -> None:
    for result in sample_runs:
        assert result.ledger is not None
        for row in result.ledger["entities"].values():
            steps = {row[name] for name in ("accepted", "staged", "curated", "loaded", "warehouse")}
            assert len(steps) == 1
            assert row["read"] == row["accepted"] + row["repeats"] + row["quarantined"]


def test_the_entries_of_a_playlist_add_up_to_what_the_api_said(
    sample_runs: list[DayResult],
) -> None:
    kinds = ("songs", "episodes", "local_files", "unavailable", "malformed")
    seen = dict.fromkeys(kinds, 0)
    for playlist in (sample_runs[0].ledger or {})["playlists"]:
        assert playlist["api_total"] == sum(playlist[kind] for kind in kinds)
        for kind in kinds:
            seen[kind] += playlist[kind]
    assert all(seen[kind] for kind in ("songs", "episodes", "local_files", "unavailable"))


def test_the_run_left_evidence_in_every_service(cloud: Cloud, sample_runs: list[DayResult]) -> None:
    cloudformation = cloud.stack.client("cloudformation")
    kinds = {
        item["ResourceType"]
        for item in cloudformation.list_stack_resources(StackName="tonearm-local")[
            "StackResourceSummaries"
        ]
    }
    assert {"AWS::Glue::Job", "AWS::StepFunctions::StateMachine", "AWS::Lambda::Function"} <= kinds
    job_runs = cloud.job_runs({result.run_id for result in sample_runs})
    assert {run["JobRunState"] for run in job_runs} == {"SUCCEEDED"}
    assert len(job_runs) == 6
    for result in sample_runs:
        assert cloud.keys(f"raw/{result.run_id}/pages/")
        assert [key for key in cloud.keys("curated/") if result.run_id in key]
        assert [visit.name for visit in result.finished.visits][-1] == "RecordRun"


def test_each_job_run_has_its_log(cloud: Cloud, sample_runs: list[DayResult]) -> None:
    logs = cloud.stack.client("logs")
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName="/tonearm/tonearm-local/glue/output"
    )

    streams = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
    assert {f"{run['Id']}-driver" for run in cloud.job_runs()} <= set(streams)


def test_snowpipes_load_history_has_every_file_once(
    cloud: Cloud, sample_runs: list[DayResult]
) -> None:
    run_ids = {result.run_id for result in sample_runs}

    def is_of_these_runs(name: str) -> bool:
        return name.endswith(".parquet") and any(run_id in name for run_id in run_ids)

    for entity in sorted(ENTITIES):
        published = [key for key in cloud.keys(f"curated/{entity}/") if is_of_these_runs(key)]
        lines = cloud.query(
            "select file_name, status, row_count"
            " from table(tonearm.information_schema.copy_history("
            f"table_name => 'TONEARM.LANDING.{entity.upper()}',"
            " start_time => dateadd('hour', -2, current_timestamp())))"
        )
        history = [line for line in lines if is_of_these_runs(line[0])]
        assert published
        assert {status for _, status, _ in history} == {"Loaded"}
        assert len(history) == len(published)
        assert {name.rpartition("/")[2] for name, _, _ in history} == {
            key.rpartition("/")[2] for key in published
        }


def test_the_rows_read_back_are_those_of_the_ledger(
    cloud: Cloud, sample_runs: list[DayResult]
) -> None:
    for result in sample_runs:
        for entity, row in (result.ledger or {})["entities"].items():
            [(count,)] = cloud.query(
                f"select count(*) from tonearm.landing.{entity} where run_id = '{result.run_id}'"
            )
            assert count == row["warehouse"]


def test_a_rerun_of_the_same_day_changes_no_table_and_starts_no_job(
    cloud: Cloud, sample_runs: list[DayResult], tmp_path: Path
) -> None:
    jobs_before = len(cloud.job_runs())
    before = cloud.export(tmp_path / "before")

    again = cloud.run(Day(SECOND_DAY))

    assert again.finished.is_green
    assert "Transform" not in [visit.name for visit in again.finished.visits]
    assert len(cloud.job_runs()) == jobs_before
    assert different_lines(before, cloud.export(tmp_path / "after")) == {}


def test_the_report_holds_runs_ledgers_and_tables(
    cloud: Cloud, sample_runs: list[DayResult], tmp_path: Path
) -> None:
    write_report(tmp_path / "report.json", sample_runs, cloud.table_rows())

    report = json.loads((tmp_path / "report.json").read_text())
    assert [run["status"] for run in report["runs"]] == ["SUCCEEDED", "SUCCEEDED"]
    assert report["tables"]["core.songs"] > 0
    assert {file["status"] for run in report["runs"] for file in run["files"]} == {"loaded"}
    assert set(report["runs"][0]["ledger"]["entities"]) == ENTITIES


def test_what_was_printed_shows_states_and_counts(
    cloud: Cloud, sample_runs: list[DayResult]
) -> None:
    text = cloud.screen_text.getvalue()

    for state in ("PlanRun", "ExtractSpotify", "Transform", "PublishRun", "ConfirmLoad"):
        assert state in text
    assert "albums=SUCCEEDED" in text


def test_a_run_without_sources_is_red_and_says_what_to_do(
    cloud: Cloud, sample_runs: list[DayResult]
) -> None:
    result = cloud.run(Day(SECOND_DAY), sources=[])

    assert not result.finished.is_green
    assert result.finished.error == "BadSourceError"
    assert "source" in result.finished.cause
    assert [visit.name for visit in result.finished.visits][-1] == "RunFailed"
