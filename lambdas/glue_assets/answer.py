"""Answers CloudFormation: a PUT of a small JSON document to the address the event names.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

SUCCESS: Final = "SUCCESS"
FAILED: Final = "FAILED"
TIMEOUT_SECONDS: Final = 30
_MOST_REASON_CHARACTERS: Final = 1000


@dataclass(frozen=True)
class Answer:
    """What CloudFormation is told.

    Attributes:
        status: SUCCESS or FAILED.
        physical_id: the resource's own name; a new one makes CloudFormation delete the old.
        data: what `Fn::GetAtt` returns.
        reason: why it failed.
    """

    status: str
    physical_id: str
    data: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


def send(event: Mapping[str, Any], answer: Answer) -> None:
    """Put the answer where CloudFormation waits for it.

    Raises:
        ValueError: the address is no http(s) address.
        OSError: it could not be put there.
    """
    url = str(event["ResponseURL"])
    if urlsplit(url).scheme not in {"https", "http"}:
        raise ValueError("ResponseURL is no http(s) address")
    body = json.dumps(
        {
            "Status": answer.status,
            "Reason": answer.reason[:_MOST_REASON_CHARACTERS],
            "PhysicalResourceId": answer.physical_id,
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"],
            "Data": dict(answer.data),
        }
    ).encode()
    # The address is signed without a content type, so none may be sent.
    request = urllib.request.Request(  # noqa: S310 - its scheme is checked above
        url, data=body, headers={"Content-Type": ""}, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - same
        pass
