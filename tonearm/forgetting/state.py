"""The state table: what was read last, fingerprints of lists, the ledger of calls."""

import time
from collections.abc import Iterator
from itertools import batched
from typing import Any

from tonearm.errors import OperatorError
from tonearm.forgetting.holding import Holding, aws_errors

MOST_AT_ONCE = 25  # of BatchWriteItem
TRIES = 8


def state_holding(dynamodb: Any, table: str) -> Holding:
    """All items of the table."""
    return Holding(
        f"state table {table}",
        lambda: sum(1 for _ in _keys(dynamodb, table)),
        lambda: _empty(dynamodb, table),
    )


def _empty(dynamodb: Any, table: str) -> None:
    for batch in batched(_keys(dynamodb, table), MOST_AT_ONCE, strict=False):
        _delete(dynamodb, table, [{"DeleteRequest": {"Key": key}} for key in batch])


def _delete(dynamodb: Any, table: str, requests: list[Any]) -> None:
    for tries in range(TRIES):
        with aws_errors(f"deleting from the state table {table}"):
            answer = dynamodb.batch_write_item(RequestItems={table: requests})
        requests = answer.get("UnprocessedItems", {}).get(table, [])
        if not requests:
            return
        time.sleep(0.1 * 2**tries)
    raise OperatorError(
        f"the state table {table} did not take {len(requests)} deletes", "run the command again"
    )


def _keys(dynamodb: Any, table: str) -> Iterator[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table, ProjectionExpression="pk, sk", ConsistentRead=True
    )
    with aws_errors(f"reading the state table {table}"):
        for page in pages:
            yield from page["Items"]
