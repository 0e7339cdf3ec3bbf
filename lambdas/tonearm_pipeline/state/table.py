"""The stack's one DynamoDB table: items by `pk` and `sk`, in plain Python values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from tonearm_pipeline.errors import StorageUnavailableError
from tonearm_pipeline.json_store import error_code, storage_errors

if TYPE_CHECKING:  # the stubs are not in the Lambda package
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

_BATCH: Final = 100  # keys per BatchGetItem
_BATCH_TRIES: Final = 5
_CONDITION_FAILED: Final = "ConditionalCheckFailedException"


class StateTable:
    """Reads and writes items of one table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self._to_wire = TypeSerializer()
        self._from_wire = TypeDeserializer()

    def get(self, pk: str, sk: str) -> Item | None:
        """Return an item as it is now, or None."""
        with storage_errors(self._doing("read", pk)):
            answer = self._client.get_item(
                TableName=self._table, Key=self._wire({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        return self._plain(answer["Item"]) if "Item" in answer else None

    def get_many(self, pks: Iterable[str], sk: str) -> dict[str, Item]:
        """Return the items there are, by their `pk`."""
        wanted = sorted(set(pks))
        found: dict[str, Item] = {}
        for start in range(0, len(wanted), _BATCH):
            keys = [self._wire({"pk": pk, "sk": sk}) for pk in wanted[start : start + _BATCH]]
            found |= {item["pk"]: item for item in self._get_batch(keys)}
        return found

    def put(self, item: Item) -> None:
        """Write an item, replacing an older one."""
        self.put_if(item, None)

    def put_if(
        self, item: Item, condition: str | None, values: Mapping[str, Any] | None = None
    ) -> bool:
        """Write an item if a condition on the older one holds; return whether it was written.

        Args:
            item: the new item with `pk` and `sk`.
            condition: a DynamoDB condition expression, None for none.
            values: the values it names, such as `{":now": 5}`.
        """
        extra: Any = {}
        if condition:
            extra["ConditionExpression"] = condition
        if values:
            extra["ExpressionAttributeValues"] = self._wire(values)
        with storage_errors(self._doing("write", item["pk"])):
            try:
                self._client.put_item(TableName=self._table, Item=self._wire(item), **extra)
            except ClientError as exc:
                if error_code(exc) == _CONDITION_FAILED:
                    return False
                raise
        return True

    def add(self, pk: str, sk: str, name: str, amount: int, expires_at: int) -> None:
        """Add to a number in an item, which need not exist; no addition is lost."""
        with storage_errors(self._doing("write", pk)):
            self._client.update_item(
                TableName=self._table,
                Key=self._wire({"pk": pk, "sk": sk}),
                UpdateExpression="SET #expires = :expires ADD #name :amount",
                ExpressionAttributeNames={"#name": name, "#expires": "expires_at"},
                ExpressionAttributeValues=self._wire({":amount": amount, ":expires": expires_at}),
            )

    def query(self, pk: str, first_sk: str, last_sk: str) -> list[Item]:
        """Return the items of a `pk` between two sort keys, both included."""
        items: list[Item] = []
        page: Any = {}
        with storage_errors(self._doing("read", pk)):
            while True:
                answer = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
                    ExpressionAttributeValues=self._wire(
                        {":pk": pk, ":first": first_sk, ":last": last_sk}
                    ),
                    ConsistentRead=True,
                    **page,
                )
                items += [self._plain(item) for item in answer["Items"]]
                if "LastEvaluatedKey" not in answer:
                    return items
                page = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def delete_if(self, pk: str, sk: str, condition: str, values: Mapping[str, Any]) -> bool:
        """Delete an item if a condition on it holds; return whether it was deleted."""
        with storage_errors(self._doing("delete", pk)):
            try:
                self._client.delete_item(
                    TableName=self._table,
                    Key=self._wire({"pk": pk, "sk": sk}),
                    ConditionExpression=condition,
                    ExpressionAttributeValues=self._wire(values),
                )
            except ClientError as exc:
                if error_code(exc) == _CONDITION_FAILED:
                    return False
                raise
        return True

    def _get_batch(self, keys: list[dict[str, Any]]) -> list[Item]:
        items: list[Item] = []
        request: Any = {self._table: {"Keys": keys, "ConsistentRead": True}}
        with storage_errors(f"read table {self._table}"):
            for _ in range(_BATCH_TRIES):
                answer = self._client.batch_get_item(RequestItems=request)
                items += [self._plain(item) for item in answer["Responses"].get(self._table, [])]
                request = answer.get("UnprocessedKeys")
                if not request:
                    return items
        raise StorageUnavailableError(f"read table {self._table}: keys left unprocessed")

    def _doing(self, verb: str, pk: str) -> str:
        return f"{verb} {pk} in table {self._table}"

    def _wire(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._to_wire.serialize(value) for name, value in values.items()}

    def _plain(self, item: Mapping[str, Any]) -> Item:
        return {name: _whole(self._from_wire.deserialize(v)) for name, v in item.items()}


def _whole(value: Any) -> Any:
    """Return DynamoDB's decimals as whole numbers: the table holds no others."""
    return int(value) if isinstance(value, Decimal) else value
