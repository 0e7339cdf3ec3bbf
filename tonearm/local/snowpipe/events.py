"""S3 event messages.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import json
from urllib.parse import unquote_plus


def created_urls(body: str) -> list[str]:
    """URLs of the objects a message says were created; empty for test events and anything else."""
    try:
        message = json.loads(body)
    except json.JSONDecodeError:
        return []
    records = message.get("Records", []) if isinstance(message, dict) else []
    return [
        f"s3://{record['s3']['bucket']['name']}/{unquote_plus(record['s3']['object']['key'])}"
        for record in records
        if "ObjectCreated:" in record.get("eventName", "")
    ]
