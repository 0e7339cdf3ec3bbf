"""Tells the stack's topic how a run ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tonearm_pipeline.json_store import storage_errors

if TYPE_CHECKING:  # the stubs are not in the functions' package
    from mypy_boto3_sns import SNSClient

_MOST_SUBJECT_CHARACTERS: Final = 100


class Topic:
    """The SNS topic of a stack; the attribute `outcome` lets a subscription choose."""

    def __init__(self, sns: SNSClient, topic_arn: str) -> None:
        self._sns = sns
        self._topic_arn = topic_arn

    def tell(self, outcome: str, subject: str, text: str) -> None:
        """Publish one note.

        Args:
            outcome: succeeded, unchanged, failed or lost.
            subject: one line; SNS takes 100 ASCII characters.
            text: the note.

        Raises:
            StorageUnavailableError: SNS did not answer.
        """
        line = subject.encode("ascii", "replace").decode()[:_MOST_SUBJECT_CHARACTERS]
        with storage_errors("tell the topic"):
            self._sns.publish(
                TopicArn=self._topic_arn,
                Subject=line,
                Message=text,
                MessageAttributes={"outcome": {"DataType": "String", "StringValue": outcome}},
            )
