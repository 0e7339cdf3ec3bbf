"""Calls of the AWS API: how one is named for the rules, and how each service says no."""

import json
import re
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote

from tests.chaos.switch import Answer, Scope, header

THROTTLE: Final = "throttle"
SERVER_ERROR: Final = "5xx"
REFUSED: Final = "refused"

_CREDENTIAL: Final = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/aws4_request")
_XML: Final = (
    "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>0</RequestId></Error>"
)
_S3_METHODS: Final = {
    "GET": "GetObject",
    "PUT": "PutObject",
    "HEAD": "HeadObject",
    "DELETE": "DeleteObject",
    "POST": "PostObject",
}


class Refusal(NamedTuple):
    """How a service says no: HTTP status and its own code."""

    status: int
    code: str


# Throttles differ by service; S3 answers in XML, the others in JSON.
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_S3: Final = {
    THROTTLE: Refusal(503, "SlowDown"),
    SERVER_ERROR: Refusal(500, "InternalError"),
    REFUSED: Refusal(403, "AccessDenied"),
}
_DYNAMODB: Final = {
    THROTTLE: Refusal(400, "ProvisionedThroughputExceededException"),
    SERVER_ERROR: Refusal(500, "InternalServerError"),
    REFUSED: Refusal(400, "AccessDeniedException"),
}
_JSON: Final = {
    THROTTLE: Refusal(400, "ThrottlingException"),
    SERVER_ERROR: Refusal(500, "InternalServiceError"),
    REFUSED: Refusal(400, "AccessDeniedException"),
}
_REFUSALS: Final = {"s3": _S3, "dynamodb": _DYNAMODB}


class Signature(NamedTuple):
    """Who signed a call, and for which service; both empty when nobody did."""

    access_key: str
    service: str


def signature_of(scope: Scope) -> Signature:
    """Return what the call's signature says."""
    found = _CREDENTIAL.search(header(scope, "authorization"))
    return Signature(found[1], found[2]) if found else Signature("", "")


def call_name(caller: str, service: str, scope: Scope, body: bytes) -> str:
    """Return `<caller> <service>.<action> <resource>`."""
    action, resource = _s3_parts(scope) if service == "s3" else _json_parts(scope, body)
    return f"{caller} {service}.{action} {resource}".rstrip()


def refusal(kind: str, call: str) -> Answer | None:
    """Return how the called service answers with this kind of fault; None for other kinds."""
    service = call.split(" ")[1].split(".", maxsplit=1)[0]
    found = _REFUSALS.get(service, _JSON).get(kind)
    if found is None:
        return None
    message = f"a {kind} of the test bed"
    if service == "s3":
        xml = _XML.format(code=found.code, message=message).encode()
        return Answer(found.status, xml, "application/xml")
    text = json.dumps({"__type": found.code, "message": message})
    return Answer(found.status, text.encode(), "application/x-amz-json-1.1")


def _s3_parts(scope: Scope) -> tuple[str, str]:
    query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    key = unquote(scope["path"]).lstrip("/").partition("/")[2]
    if "list-type" in query:
        return "ListObjectsV2", query.get("prefix", [""])[0]
    if "versions" in query:
        return "ListObjectVersions", query.get("prefix", [""])[0]
    if header(scope, "x-amz-copy-source"):
        return "CopyObject", key
    return _S3_METHODS[scope["method"]], key


def _json_parts(scope: Scope, body: bytes) -> tuple[str, str]:
    target = header(scope, "x-amz-target").rpartition(".")[2]
    if not target:
        return parse_qs(body.decode("latin-1")).get("Action", ["?"])[0], ""
    try:
        values: dict[str, Any] = json.loads(body or b"{}")
    except ValueError:
        return target, ""
    item = values.get("Key") or values.get("Item") or {}
    return target, "#".join(item[name]["S"] for name in ("pk", "sk") if name in item)
