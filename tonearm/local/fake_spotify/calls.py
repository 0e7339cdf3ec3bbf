"""One authorized call of the Web API, as the endpoints see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tonearm.local.fake_spotify.errors import ApiError
from tonearm.local.fake_spotify.ids import is_spotify_id
from tonearm.local.fake_spotify.shapes import as_in_development
from tonearm.local.fake_spotify.state import State
from tonearm.local.fake_spotify.tokens import Grant


@dataclass(frozen=True)
class Call:
    """A request whose token was looked at; `base_url` is the fake's own, without a slash."""

    state: State
    grant: Grant
    base_url: str
    params: Mapping[str, str]
    path_id: str = ""

    @property
    def is_development(self) -> bool:
        """True when development mode's rules hold."""
        return self.state.mode == "development"

    def url(self, path: str) -> str:
        """The full address of a path of the Web API on this server."""
        return f"{self.base_url}/v1/{path}"

    def require_user(self, scope: str = "") -> None:
        """Refuses tokens that stand for no user (401) and logins without the scope (403)."""
        if not self.grant.is_user:
            raise ApiError(401, "Unauthorized: this endpoint needs a user's token")
        if scope and scope not in self.grant.scopes:
            raise ApiError(403, "Insufficient client scope")

    def require_id(self) -> str:
        """The id in the path; 400 when it cannot be one."""
        if not is_spotify_id(self.path_id):
            raise ApiError(400, "Invalid base62 id")
        return self.path_id

    def shaped(self, body: Any) -> Any:
        """A body of sample objects as the mode shows it; recorded objects stay as they are."""
        if self.is_development and not self.state.catalogue.is_recorded:
            return as_in_development(body)
        return body
