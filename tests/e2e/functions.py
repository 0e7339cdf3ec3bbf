"""Functions in another environment, and a run that fails because of its login."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.e2e.driving import follow, start
from tests.e2e.local_cloud import Cloud
from tests.faults.fake import Fake
from tonearm.local.fake_spotify.tokens import REFRESH_PREFIX
from tonearm.runs.executions import Finished

WRONG_TOKEN: Final = f"{REFRESH_PREFIX}of-yesterday"


@contextmanager
def function_environment(cloud: Cloud, name: str, **changed: str) -> Iterator[None]:
    """Another environment for a function, and afterwards its own."""
    functions = cloud.stack.client("lambda")
    (full,) = (
        one["FunctionName"]
        for page in functions.get_paginator("list_functions").paginate()
        for one in page["Functions"]
        if one["Handler"] == f"{name}.handler.lambda_handler"
    )
    before = functions.get_function_configuration(FunctionName=full)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=full, Environment={"Variables": before | changed}
    )
    try:
        yield
    finally:
        functions.update_function_configuration(
            FunctionName=full, Environment={"Variables": before}
        )


def run_that_cannot_log_in(cloud: Cloud, fake: Fake) -> Finished:
    """Run with a login that Spotify refuses; afterwards the stack has the right one again."""
    secrets, arn = cloud.stack.client("secretsmanager"), cloud.stack.outputs["SpotifySecretArn"]
    right = dict(cloud.stack.spotify.secret)
    wrong = json.dumps(right | {"refresh_token": WRONG_TOKEN})
    # The function's process remembers a secret and a token for a while: a new one knows neither.
    with function_environment(cloud, "extract_spotify", FRESH_PROCESS="yes"):
        secrets.put_secret_value(SecretId=arn, SecretString=wrong)
        fake.control(expire_access_tokens=True)
        try:
            return follow(cloud, start(cloud, "me/playlists"), lambda: None)
        finally:
            secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(right))
