"""The local AWS refuses what the real one does, in MiniStack's own code with our rules put in."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tonearm.local.cloud import patches, strictness
from tonearm.local.cloud.glue_rules import refusal
from tonearm.local.cloud.published_layers import is_published

OURS = "000000000000"
LAYER = "arn:aws:lambda:us-east-1:336392948345:layer:AWSSDKPandas-Python313"


@pytest.fixture
def ministack() -> Iterator[Any]:
    """MiniStack's handlers with the rules put in, and afterwards as they were."""
    from ministack.services import glue, iam, lambda_svc
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS
    changed = {
        lambda_svc: ("_resolve_layer_version_for_attachment",),
        glue: ("_create_job", "_update_job", "_start_job_run"),
        provisioners: ("_cw_metric_alarm_record",),
    }
    before = [(m, n, getattr(m, n)) for m, names in changed.items() for n in names]
    create = handlers["AWS::IAM::Role"]["create"]
    strictness.install(patches._named)
    try:
        yield handlers
    finally:
        for module, name, value in before:
            setattr(module, name, value)
        handlers["AWS::IAM::Role"]["create"] = create
        iam._roles.clear()
        glue._jobs.clear()
        lambda_svc._functions.clear()


class Arn(NamedTuple):
    id: str
    arn: str
    there: bool


@pytest.mark.parametrize(
    "case",
    [
        Arn("published", f"{LAYER}:12", True),
        Arn("number not published yet", f"{LAYER}:15", False),
        Arn("no number", LAYER, False),
        Arn("account of another region", LAYER.replace("us-east-1", "ap-east-1") + ":1", False),
        Arn("region without any", LAYER.replace("us-east-1", "me-south-1") + ":1", False),
        Arn("name that is not published", LAYER.replace("313", "399") + ":1", False),
        Arn("somebody else's", "arn:aws:lambda:us-east-1:1:layer:other:1", False),
    ],
    ids=lambda case: case.id,
)
def test_only_layers_that_aws_publishes_are_there(case: Arn) -> None:
    assert is_published(case.arn) is case.there


def a_function(**properties: object) -> dict[str, object]:
    return {"Handler": "a.b", "Runtime": "python3.13", "Code": {"ZipFile": "x"}, **properties}


def test_a_function_with_a_layer_that_is_not_there_is_not_made(ministack: Any) -> None:
    with pytest.raises(ValueError, match=r"not authorized.*GetLayerVersion.*Python313:99"):
        ministack["AWS::Lambda::Function"]["create"](
            "Publish", a_function(Layers=[f"{LAYER}:99"]), "stack"
        )


def test_a_function_with_the_published_layer_is_made(ministack: Any) -> None:
    name, _ = ministack["AWS::Lambda::Function"]["create"](
        "Publish", a_function(Layers=[f"{LAYER}:12"]), "stack"
    )

    assert name.startswith("stack-Publish")


def test_a_role_name_is_taken_once(ministack: Any) -> None:
    role = {"RoleName": "tonearm-us-east-1-read", "AssumeRolePolicyDocument": {}}
    ministack["AWS::IAM::Role"]["create"]("Read", role, "one")

    with pytest.raises(ValueError, match="Role with name tonearm-us-east-1-read already exists"):
        ministack["AWS::IAM::Role"]["create"]("Read", role, "two")


def test_roles_without_names_of_their_own_do_not_meet(ministack: Any) -> None:
    for stack in ("one", "two"):
        ministack["AWS::IAM::Role"]["create"]("Read", {"AssumeRolePolicyDocument": {}}, stack)


class Arguments(NamedTuple):
    id: str
    version: str
    arguments: tuple[str, ...]
    words: str


@pytest.mark.parametrize(
    "case",
    [
        Arguments("log group of old", "6.0", ("--continuous-log-logGroup",), "logGroup-prefix"),
        Arguments("the same in 4.0", "4.0", ("--continuous-log-logGroup",), ""),
        Arguments("metrics", "6.0", ("--enable-metrics",), "GlueContext"),
        Arguments("reserved", "6.0", ("--JOB_NAME",), "never set it"),
        Arguments("EMRFS", "6.0", ("--enable-s3-parquet-optimized-committer",), "EMRFS"),
        Arguments("our own", "6.0", ("--raw", "--custom-logGroup-prefix", "--TempDir"), ""),
    ],
    ids=lambda case: case.id,
)
def test_an_argument_that_glue_does_not_heed_is_told(case: Arguments) -> None:
    told = refusal(case.version, dict.fromkeys(case.arguments, "x"))

    assert case.words in told
    assert bool(told) is bool(case.words)


def a_job(**arguments: str) -> dict[str, object]:
    return {
        "Name": "albums",
        "Role": "r",
        "GlueVersion": "6.0",
        "Command": {"Name": "glueetl"},
        "DefaultArguments": {f"--{name.replace('_', '-')}": v for name, v in arguments.items()},
    }


def test_a_job_with_an_argument_without_effect_is_not_made_and_not_changed(ministack: Any) -> None:
    job = ministack["AWS::Glue::Job"]
    with pytest.raises(ValueError, match="enable-metrics does nothing in Glue"):
        job["create"]("Albums", a_job(enable_metrics="true"), "stack")
    job["create"]("Albums", a_job(raw="s3://b/raw"), "stack")

    with pytest.raises(ValueError, match="enable-metrics does nothing in Glue"):
        job["update"]("albums", a_job(raw="s3://b/raw"), a_job(enable_metrics="true"), "stack")


def test_a_run_with_a_reserved_argument_is_not_started(ministack: Any) -> None:
    from ministack.services import glue

    ministack["AWS::Glue::Job"]["create"]("Albums", a_job(), "stack")

    status, _, body = glue._start_job_run({"JobName": "albums", "Arguments": {"--mode": "x"}})

    assert status == 400
    assert b"never set it" in (body if isinstance(body, bytes) else body.encode())


def test_an_alarm_on_an_expression_is_kept_as_one_on_its_metric(ministack: Any) -> None:
    from ministack.services.cloudformation import provisioners

    metric = {"Namespace": "tonearm", "MetricName": "RunsSucceeded", "Dimensions": []}
    inside = {"Metric": metric, "Period": 3600, "Stat": "Sum"}
    alarm = provisioners._cw_metric_alarm_record(
        "no-run",
        {
            "Metrics": [{"Id": "e", "Expression": "runs"}, {"Id": "runs", "MetricStat": inside}],
            "ComparisonOperator": "LessThanThreshold",
            "EvaluationPeriods": 26,
            "Threshold": 1,
        },
    )

    told = (alarm["MetricName"], alarm["Period"], alarm["Statistic"], alarm["EvaluationPeriods"])
    assert told == ("RunsSucceeded", 3600, "Sum", 26)
