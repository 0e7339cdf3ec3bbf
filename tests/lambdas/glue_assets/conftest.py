"""A CloudFormation that waits for answers on loopback."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.lambdas.local_aws import BUCKET


@dataclass
class FakeCloudFormation:
    """Where answers are put, and the answers."""

    url: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)

    def event(self, request_type: str = "Create", **overrides: Any) -> dict[str, Any]:
        return {
            "RequestType": request_type,
            "ResponseURL": self.url,
            "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/tonearm/1",
            "RequestId": "request-1",
            "LogicalResourceId": "GlueAssets",
            "ResourceType": "Custom::GlueAssets",
            "ResourceProperties": {"ServiceToken": "arn:function", "Bucket": BUCKET},
            **overrides,
        }


@pytest.fixture
def cloudformation() -> Iterator[FakeCloudFormation]:
    waiting = FakeCloudFormation()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            waiting.answers.append(json.loads(body))
            waiting.content_types.append(self.headers["Content-Type"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        waiting.url = f"http://127.0.0.1:{server.server_port}/answer?signature=abc"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield waiting
        server.shutdown()
        thread.join()
