"""What the Glue jobs did in the run: that each succeeded, on which version, and left its log."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tonearm.verify.deployed import Resource
from tonearm.verify.outcomes import Fault, Outcome, judged, left_open
from tonearm.verify.subject import Subject

_SEARCHED: Final = 50
_SUCCEEDED: Final = "SUCCEEDED"


def has_run(subject: Subject) -> bool:
    """Whether the run that is looked at has gone through the jobs and published."""
    return bool(subject.run and subject.published)


def judged_by_run(subject: Subject, told: str, proof: str, faults: list[Fault]) -> Outcome:
    """As the template says is one thing; that it works so only a run proves.

    Args:
        subject: the stack.
        told: what is as the template says.
        proof: what the run has shown of it.
        faults: what is not.
    """
    if faults or has_run(subject):
        return judged(f"{told}; {proof}", faults)
    return left_open(f"{told}; no run that published has shown that they work")


def newest_job_run(subject: Subject, job: Resource) -> Mapping[str, Any] | None:
    """The last run of a job for verify's run; None when it has none."""
    answer = subject.clients("glue").get_job_runs(JobName=job.physical, MaxResults=_SEARCHED)
    run_id = subject.seen_run.run_id
    found = [run for run in answer["JobRuns"] if run["Arguments"].get("--run_id") == run_id]
    return max(found, key=lambda run: str(run["StartedOn"]), default=None)


def run_faults(subject: Subject, jobs: list[Resource]) -> Iterator[Fault]:
    """Jobs that did not run to their end, or on another version of Glue than the template's."""
    for job in jobs:
        run = newest_job_run(subject, job)
        status = subject.command(f"tonearm status {subject.seen_run.run_id}")
        if run is None:
            if not subject.run_id:  # an old run's jobs may not be among the last ones
                yield Fault(f"job {job.logical} did not run", status)
        elif run["JobRunState"] != _SUCCEEDED:
            yield Fault(f"job {job.logical} ended as {run['JobRunState']}", status)
        elif run.get("GlueVersion", job.properties["GlueVersion"]) != job.properties["GlueVersion"]:
            yield Fault(f"job {job.logical} ran on Glue {run['GlueVersion']}", subject.deploy)


def log_faults(subject: Subject, jobs: list[Resource], groups: list[Resource]) -> Iterator[Fault]:
    """Jobs whose run left no log in any of the stack's groups."""
    logs = subject.clients("logs")
    for job in jobs:
        run = newest_job_run(subject, job)
        if run is None:
            continue  # told by the step of the jobs
        streams = [
            stream
            for group in groups
            for stream in logs.describe_log_streams(
                logGroupName=group.physical, logStreamNamePrefix=run["Id"]
            )["logStreams"]
        ]
        if not streams:
            what = f"job {job.logical} left no log in the stack's groups"
            yield Fault(what, subject.deploy)
