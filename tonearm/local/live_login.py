"""The login of a live run: from the file `tonearm login --file` wrote, or from the environment."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tonearm.errors import OperatorError
from tonearm.local.stack import Spotify
from tonearm.login import keep_in_file

LIVE_API_URL = "https://api.spotify.com/v1/"
LIVE_TOKEN_URL = "https://accounts.spotify.com/api/token"  # noqa: S105 - an address
LIVE_NAMES = {
    "SPOTIFY_CLIENT_ID": "client_id",
    "SPOTIFY_CLIENT_SECRET": "client_secret",
    "SPOTIFY_REFRESH_TOKEN": "refresh_token",
}
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def live_spotify(env: Mapping[str, str], login_file: Path | None = None) -> Spotify:
    """The real Web API with the login in a file, or else in the environment.

    Raises:
        OperatorError: lists every credential that is missing, or says what is wrong with the file.
    """
    secret = _from_environment(env) if login_file is None else read_login(login_file)
    return Spotify(secret, LIVE_API_URL, LIVE_TOKEN_URL)


def read_login(path: Path) -> dict[str, str]:
    """The login in a file that only its owner can read.

    Raises:
        OperatorError: there is no such file, others can read it, or it holds no login.
    """
    again = f"write it with `tonearm login --file {path}`"
    if not path.is_file():
        raise OperatorError(f"--login-file {path} is no file", again)
    if path.stat().st_mode & _OTHERS:
        raise OperatorError(f"{path} can be read by others", f"`chmod 600 {path}`")
    try:
        secret = json.loads(path.read_text())
    except ValueError as error:
        raise OperatorError(f"{path} holds no JSON", again) from error
    fields = secret if isinstance(secret, dict) else {}
    missing = [name for name in LIVE_NAMES.values() if not fields.get(name)]
    if missing:
        raise OperatorError(f"{path} misses {', '.join(missing)}", again)
    return {str(name): str(text) for name, text in fields.items()}


def keep_renewed(secretsmanager: Any, secret_arn: str, path: Path) -> bool:
    """Keep the refresh token of the session's stack in the file, if Spotify gave a new one.

    Returns:
        True when the file was written.
    """
    text = secretsmanager.get_secret_value(SecretId=secret_arn)["SecretString"]
    token = json.loads(text).get("refresh_token")
    login = read_login(path)
    if not token or token == login["refresh_token"]:
        return False
    keep_in_file(path, login | {"refresh_token": token})
    return True


def _from_environment(env: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in LIVE_NAMES if not env.get(name)]
    if missing:
        raise OperatorError(
            f"--spotify live needs {', '.join(missing)} in the environment, or --login-file",
            "take them from your app's page on developer.spotify.com, or run"
            " `tonearm login --file FILE`",
        )
    return {key: env[name] for name, key in LIVE_NAMES.items()}
