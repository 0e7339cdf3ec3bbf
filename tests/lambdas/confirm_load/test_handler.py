from collections.abc import Iterator

import pytest

from confirm_load import handler
from tests.lambdas.confirm_load.conftest import PUBLISHED_KEY
from tests.lambdas.lambda_context import FakeContext
from tests.lambdas.local_aws import BUCKET
from tests.lambdas.tonearm_pipeline.finished_run import RUN_ID, published_manifest
from tonearm_pipeline.errors import SettingsError, WarehouseNotWiredError
from tonearm_pipeline.json_store import JsonStore

EVENT = {"run_id": RUN_ID, "published_key": PUBLISHED_KEY, "tries": 0}


@pytest.fixture(autouse=True)
def fresh_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("BUCKET", "SNOWFLAKE_ACCOUNT", "SNOWFLAKE_KEY_SECRET_ARN"):
        monkeypatch.delenv(name, raising=False)
    handler._deps.cache_clear()
    yield
    handler._deps.cache_clear()


def test_a_stack_without_snowflake_says_so_by_name(
    store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(PUBLISHED_KEY, published_manifest())
    monkeypatch.setenv("BUCKET", BUCKET)

    with pytest.raises(WarehouseNotWiredError, match="SNOWFLAKE_ACCOUNT"):
        handler.lambda_handler(EVENT, FakeContext())


def test_a_run_without_files_needs_no_snowflake(
    store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = published_manifest()
    for figures in manifest["entities"].values():
        figures["files"] = []
    store.put(PUBLISHED_KEY, manifest)
    monkeypatch.setenv("BUCKET", BUCKET)

    answer = handler.lambda_handler(EVENT, FakeContext())

    assert answer["status"] == "loaded"


def test_missing_settings_are_named(aws: None) -> None:
    with pytest.raises(SettingsError, match="BUCKET is missing"):
        handler.lambda_handler(EVENT, FakeContext())
