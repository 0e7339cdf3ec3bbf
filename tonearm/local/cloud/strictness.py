"""Refusals of the real AWS that MiniStack does not know, and one thing it refuses that AWS takes.

Each is put in at the seam where MiniStack decides; `patches.install` calls `install`.
"""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from tonearm.local.cloud.glue_rules import refusal
from tonearm.local.cloud.published_layers import is_published

Answer = tuple[Any, ...]


def install(named: Callable[[ModuleType, str], Any]) -> None:
    """Put the rules into MiniStack.

    Args:
        named: returns a module's name, or says that MiniStack has moved it.
    """
    from ministack.core import responses
    from ministack.services import glue, iam, lambda_svc
    from ministack.services.cloudformation import provisioners

    refuse = named(responses, "error_response_json")
    own_account = named(responses, "get_account_id")
    lambda_svc._resolve_layer_version_for_attachment = with_known_layers_only(
        named(lambda_svc, "_resolve_layer_version_for_attachment"), refuse, own_account
    )
    roles = named(provisioners, "_RESOURCE_HANDLERS")["AWS::IAM::Role"]
    roles["create"] = with_free_names_only(roles["create"], named(iam, "_roles"))
    for name in ("_create_job", "_update_job", "_start_job_run"):
        call = named(glue, name)
        setattr(glue, name, with_heeded_arguments_only(call, named(glue, "_jobs"), refuse))
    record = named(provisioners, "_cw_metric_alarm_record")
    provisioners._cw_metric_alarm_record = with_alarms_on_expressions(record)


def with_known_layers_only(
    resolve: Callable[[str], Answer], refuse: Callable[..., Answer], own_account: Callable[[], str]
) -> Callable[[str], Answer]:
    """MiniStack takes any layer of another account; Lambda must be allowed to read it.

    https://docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html
    """

    def wrapped(arn: str) -> Answer:
        if f":{own_account()}:" in arn or is_published(arn):
            return resolve(arn)
        why = "because no resource-based policy allows the lambda:GetLayerVersion action"
        what = f"not authorized to perform: lambda:GetLayerVersion on resource: {arn} {why}"
        return None, refuse("AccessDeniedException", what, 403)

    return wrapped


def with_free_names_only(
    create: Callable[..., Any], roles: Mapping[str, Any]
) -> Callable[..., Any]:
    """MiniStack replaces a role of the same name; IAM has each name once in the account.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (EntityAlreadyExists)
    """

    def wrapped(logical_id: str, properties: Mapping[str, Any], stack: str) -> Any:
        name = properties.get("RoleName")
        if name in roles:
            raise ValueError(f"EntityAlreadyExists: Role with name {name} already exists.")
        return create(logical_id, properties, stack)

    return wrapped


def with_heeded_arguments_only(
    call: Callable[[dict[str, Any]], Answer],
    jobs: Mapping[str, Any],
    refuse: Callable[..., Answer],
) -> Callable[[dict[str, Any]], Answer]:
    """A job or a run that gives Glue arguments of no effect is an error here; Glue says nothing."""

    def wrapped(data: dict[str, Any]) -> Answer:
        own = data.get("JobUpdate", data)
        job = jobs.get(data.get("JobName", ""), {})
        version = str(own.get("GlueVersion") or job.get("GlueVersion") or "0.9")
        given = {**own.get("DefaultArguments", {}), **data.get("Arguments", {})}
        why = refusal(version, given)
        return refuse("InvalidInputException", why, 400) if why else call(data)

    return wrapped


def with_alarms_on_expressions(
    record: Callable[[str, dict[str, Any]], dict[str, Any]],
) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """MiniStack refuses an alarm on an expression; here it becomes one on the metric inside it."""

    def wrapped(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        stats = [one["MetricStat"] for one in properties.get("Metrics", []) if "MetricStat" in one]
        if not stats:
            return record(name, properties)
        (inside,) = stats
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        plain |= {**inside["Metric"], "Period": inside["Period"], "Statistic": inside["Stat"]}
        return record(name, plain)

    return wrapped
