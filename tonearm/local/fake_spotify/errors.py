"""Answers other than 200, raised where they are found and turned into a response in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reply:
    """An answer before it becomes bytes. A `body` of None is an empty body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """The Web API refuses: `{"error": {"status", "message"}}`, sometimes with a reason."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        reason: str | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        error: dict[str, Any] = {"status": status, "message": message}
        if reason:
            error["reason"] = reason
        headers = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
        self.reply = Reply(status, {"error": error}, headers)
        super().__init__(message)


class AccountsError(Exception):
    """The accounts service refuses: `error` is a word, not an object."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        self.reply = Reply(status, {"error": error, "error_description": description})
        super().__init__(description)


class ControlError(Exception):
    """A control request is wrong; nothing of it was done."""

    def __init__(self, message: str) -> None:
        self.reply = Reply(400, {"error": message})
        super().__init__(message)


class CatalogueError(ValueError):
    """A catalogue cannot be served: one line for people."""


def forbidden(message: str = "Forbidden") -> ApiError:
    """403, the answer of development mode to what it took away."""
    return ApiError(403, message)


def not_found(message: str = "Resource not found") -> ApiError:
    """404, the answer to an unknown id."""
    return ApiError(404, message)
