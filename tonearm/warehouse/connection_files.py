"""The files that name connections, read by the connector's own reader.

So SNOWFLAKE_HOME, `default_connection_name` and SNOWFLAKE_DEFAULT_CONNECTION_NAME mean what they
mean for the `snow` CLI:
https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect
"""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from snowflake.connector.config_manager import CONFIG_MANAGER
from snowflake.connector.errors import ConfigSourceError

from tonearm.errors import OperatorError

# "Bad owner or permissions on FILE.\n * To change …" and "file 'FILE' is writable by …"
_FILE = re.compile(r"permissions on (?P<read>.+?)\.\n|^file '(?P<written>.+?)' is writable")

type Tell = Callable[[str], None]


def connections(tell: Tell) -> Mapping[str, Mapping[str, Any]]:
    """Every connection by name.

    Args:
        tell: told what is unsafe about the files.

    Raises:
        OperatorError: a file is no TOML, or can be written by others.
    """
    with files_read(tell):
        CONFIG_MANAGER.read_config()
        found: Any = CONFIG_MANAGER["connections"]
    return dict(found)


def default_name() -> str:
    """The name of the connection that is taken when none is named."""
    return str(CONFIG_MANAGER["default_connection_name"])


def connections_file() -> str:
    """Where a connection is added."""
    return str(next(part.path for part in CONFIG_MANAGER._slices if part.section == "connections"))


@contextmanager
def files_read(tell: Tell) -> Iterator[None]:
    """What the connector warns of while it reads its files, each told once and with its fix.

    It reads them whenever a connection is opened, a named one or not.

    Raises:
        OperatorError: a file is no TOML, or can be written by others.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except ConfigSourceError as error:
            raise _unreadable(str(error.msg or error)) from error
    for line in dict.fromkeys(_warned(str(warning.message)) for warning in caught):
        if line:
            tell(line)


def _unreadable(text: str) -> OperatorError:
    found = _FILE.search(text)
    if found and found["written"]:
        file = found["written"]
        return OperatorError(f"{file} can be written by others", f'run `chmod 0600 "{file}"`')
    told = " ".join(text.split())
    return OperatorError(f"Snowflake's connection files: {told}", "see that they are valid TOML")


def _warned(text: str) -> str:
    found = _FILE.search(text)
    if found is None or not found["read"]:
        return ""
    file = found["read"]
    return f'{file} can be read by others, or is not yours: run `chmod 0600 "{file}"`'
