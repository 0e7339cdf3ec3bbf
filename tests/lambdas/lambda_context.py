"""The part of a Lambda context that handlers and the Powertools logger read."""

from aws_lambda_powertools.utilities.typing import LambdaContext


class FakeContext(LambdaContext):
    """A context with a minute left."""

    def __init__(self) -> None:
        self._function_name = "function"
        self._memory_limit_in_mb = 256
        self._invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:function"
        self._aws_request_id = "request-1"
        self._log_stream_name = "stream-1"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000
