"""Whether the stack's parts are as its template made them: nothing lost or changed by hand."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from tonearm.project import ROOT
from tonearm.verify.comparing import differing
from tonearm.verify.deployed import Resource
from tonearm.verify.job_runs import has_run, judged_by_run, log_faults, run_faults
from tonearm.verify.outcomes import Fault, Outcome, judged
from tonearm.verify.subject import Subject

_FUNCTION: Final = "AWS::Serverless::Function"
_JOB: Final = "AWS::Glue::Job"
_JOB_PROPERTIES: Final = ("GlueVersion", "WorkerType", "NumberOfWorkers", "Timeout", "MaxRetries")
_ALARM_PROPERTIES: Final = (
    "ActionsEnabled",
    "AlarmActions",
    "OKActions",
    "Namespace",
    "MetricName",
    "Dimensions",
    "Statistic",
    "Period",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
)
_PACKAGE: Final = "--extra-py-files"
_DEFINITION: Final = ROOT / "statemachine" / "pipeline.asl.json"
_MISSING: Final = ("ResourceNotFoundException", "404", "NoSuchKey")
# AWS's own layers belong to another account, which may hide what it does not have.
_HIDDEN: Final = ("AccessDeniedException",)


def check_layer(subject: Subject) -> Outcome:
    """Each function has the layers of the template, and each layer is there."""
    functions = list(subject.deployed.resources(_FUNCTION))
    faults: list[Fault] = []
    count = 0
    for function in functions:
        wanted = subject.deployed.value(function.properties.get("Layers"), [])
        count += len(wanted)
        faults += _layer_faults(subject, function, wanted)
    told = f"{len(functions)} functions with {count} layers"
    return judged_by_run(subject, told, "PublishRun has published with its own", faults)


def check_state_machine(subject: Subject) -> Outcome:
    """The state machine runs this project's definition."""
    (machine,) = subject.deployed.resources("AWS::Serverless::StateMachine")
    found = subject.clients("stepfunctions").describe_state_machine(
        stateMachineArn=machine.physical
    )
    values = subject.deployed.value(machine.properties["DefinitionSubstitutions"])
    wanted = _substituted(json.loads(_DEFINITION.read_text()), values)
    running = json.loads(found["definition"])
    names = sorted(_differing_states(wanted, running))
    faults = [Fault(f"the definition differs in {', '.join(names)}", subject.deploy)]
    return judged(f"{len(wanted['States'])} states as in this project", faults if names else ())


def check_glue_jobs(subject: Subject) -> Outcome:
    """The jobs have the template's settings and arguments, and their code is there."""
    jobs = list(subject.deployed.resources(_JOB))
    glue = subject.clients("glue")
    found = {job.logical: glue.get_job(JobName=job.physical)["Job"] for job in jobs}
    faults = [fault for job in jobs for fault in _job_faults(subject, job, found[job.logical])]
    places = {place for job in found.values() for place in _places(job)}
    faults += [
        Fault(f"the jobs' code {place} is not there", subject.deploy)
        for place in sorted(places)
        if not _is_there(subject, place)
    ]
    if has_run(subject):
        faults += run_faults(subject, jobs)
    told = f"{len(jobs)} jobs with their arguments and code"
    return judged_by_run(subject, told, "they have run to their end", faults)


def check_alarms(subject: Subject) -> Outcome:
    """The alarms are there, judge what the template says, and tell the topic."""
    wanted = list(subject.deployed.resources("AWS::CloudWatch::Alarm"))
    pages = (
        subject.clients("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(AlarmNames=[alarm.physical for alarm in wanted])
    )
    found = {item["AlarmName"]: item for page in pages for item in page["MetricAlarms"]}
    faults = [fault for alarm in wanted for fault in _alarm_faults(subject, alarm, found)]
    return judged(f"{len(wanted)} alarms", faults)


def check_logs(subject: Subject) -> Outcome:
    """The log groups are there and keep what they hold as long as the template says."""
    wanted = list(subject.deployed.resources("AWS::Logs::LogGroup"))
    found = [(group, list(_log_faults(subject, group))) for group in wanted]
    faults = [fault for _, lines in found for fault in lines]
    there = [group for group, lines in found if not lines]
    if has_run(subject):
        faults += log_faults(subject, list(subject.deployed.resources(_JOB)), there)
    told = f"{len(wanted)} log groups with retention"
    return judged_by_run(subject, told, "the jobs have written to theirs", faults)


def _layer_faults(subject: Subject, function: Resource, wanted: list[str]) -> Iterator[Fault]:
    functions = subject.clients("lambda")
    settings = functions.get_function_configuration(FunctionName=function.physical)
    has = [layer["Arn"] for layer in settings.get("Layers", [])]
    for arn in wanted:
        name = ":".join(arn.rsplit(":", 2)[-2:])
        if arn not in has:
            yield Fault(f"{function.logical} has lost its layer {name}", subject.deploy)
        elif not _exists(partial(functions.get_layer_version_by_arn, Arn=arn)):
            deploy = subject.command("sam deploy --parameter-overrides AwsSdkPandasLayerArn=ARN")
            what = f"layer {name} of {function.logical} does not exist"
            yield Fault(what, f"look the layer up for this region, then {deploy}")


def _exists(ask: Callable[[], object]) -> bool:
    """Whether what is asked for is there, as far as one may see."""
    try:
        ask()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            return False
        if code not in _HIDDEN:
            raise
    return True


def _substituted(node: Any, values: Mapping[str, str]) -> Any:
    text = json.dumps(node)
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", json.dumps(value)[1:-1])
    return json.loads(text)


def _differing_states(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    mine, theirs = wanted["States"], found.get("States", {})
    yield from (name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
    if {k: v for k, v in wanted.items() if k != "States"} != {
        k: v for k, v in found.items() if k != "States"
    }:
        yield "its head"


def _job_faults(subject: Subject, job: Resource, found: Mapping[str, Any]) -> Iterator[Fault]:
    wanted = subject.deployed.value(job.properties)
    lines = [*differing({k: wanted[k] for k in _JOB_PROPERTIES if k in wanted}, found)]
    arguments = wanted["DefaultArguments"]
    lines += [f"argument {one}" for one in differing(arguments, found["DefaultArguments"])]
    extra = found["DefaultArguments"].keys() - arguments.keys()
    lines += [f"argument {name} was added" for name in sorted(extra)]
    for line in lines:
        yield Fault(f"job {job.logical}: {line}", subject.deploy)


def _places(job: Mapping[str, Any]) -> list[str]:
    """Where a job's script and package lie."""
    script, package = job["Command"]["ScriptLocation"], job["DefaultArguments"].get(_PACKAGE)
    return [place for place in (script, package) if place]


def _is_there(subject: Subject, place: str) -> bool:
    bucket, _, key = place.removeprefix("s3://").partition("/")
    return _exists(lambda: subject.clients("s3").head_object(Bucket=bucket, Key=key))


def _alarm_faults(
    subject: Subject, alarm: Resource, found: Mapping[str, Mapping[str, Any]]
) -> Iterator[Fault]:
    wanted = {"ActionsEnabled": True, **subject.deployed.value(alarm.properties)}
    name = alarm.physical
    if name not in found:
        yield Fault(f"the alarm {name} is missing", subject.deploy)
        return
    checked = {key: wanted[key] for key in _ALARM_PROPERTIES if key in wanted}
    for line in differing(checked, found[name]):
        is_off = line.startswith("ActionsEnabled is False")
        fix = f"run `aws cloudwatch enable-alarm-actions --alarm-names {name}`"
        yield Fault(f"the alarm {name}: {line}", fix if is_off else subject.deploy)


def _log_faults(subject: Subject, group: Resource) -> Iterator[Fault]:
    wanted = subject.deployed.value(group.properties)
    name, days = group.physical, int(wanted["RetentionInDays"])
    answer = subject.clients("logs").describe_log_groups(logGroupNamePrefix=name)
    found = [one for one in answer["logGroups"] if one["logGroupName"] == name]
    keep = f"aws logs put-retention-policy --log-group-name {name} --retention-in-days {days}"
    if not found:
        create = f"aws logs create-log-group --log-group-name {name}"
        yield Fault(f"the log group {name} is missing", f"run `{create}`, then `{keep}`")
    elif found[0].get("retentionInDays") != days:
        has = found[0].get("retentionInDays")
        held = f"keeps {has} days" if has else "keeps everything for ever"
        yield Fault(f"the log group {name} {held}, not {days} days", f"run `{keep}`")
