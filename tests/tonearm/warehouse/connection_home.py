"""The connector's own reader of connection files, over a folder of the test's."""

from pathlib import Path
from typing import Any

import pytest
from snowflake.connector.config_manager import CONFIG_MANAGER

KEY_PAIR = '[dev]\naccount = "ORG-DEV"\nuser = "ME"\nrole = "PUBLIC"\nprivate_key_path = "me.p8"\n'
BROWSER = '[prod]\naccount = "ORG-PROD"\nuser = "ME"\nauthenticator = "externalbrowser"\n'
WORKLOAD = (
    '[ci]\naccount = "ORG-DEV"\nauthenticator = "WORKLOAD_IDENTITY"\n'
    'workload_identity_provider = "AWS"\n'
    '[ci.session_parameters]\nTIMEZONE = "Europe/Paris"\nWEEK_START = 1\n'
)


def connections_in(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    connections: str = KEY_PAIR + BROWSER + WORKLOAD,
    config: str = "",
    mode: int = 0o600,
) -> Path:
    """Write the files, have the connector read them; the connections' file."""
    files: dict[str, str] = {"connections.toml": connections, "config.toml": config}
    for name, text in files.items():
        if text:
            (folder / name).write_text(text)
            (folder / name).chmod(mode)
    manager: Any = CONFIG_MANAGER
    slices = [part._replace(path=folder / "connections.toml") for part in manager._slices]
    monkeypatch.setattr(manager, "_slices", slices)
    monkeypatch.setattr(manager, "file_path", folder / "config.toml")
    monkeypatch.setattr(manager, "conf_file_cache", None)
    monkeypatch.delenv("SNOWFLAKE_DEFAULT_CONNECTION_NAME", raising=False)
    monkeypatch.delenv("SNOWFLAKE_CONNECTIONS", raising=False)
    return folder / "connections.toml"
