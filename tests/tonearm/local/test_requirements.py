import pytest

from tonearm.errors import OperatorError
from tonearm.local.requirements import check_java, check_python


def test_java_17_passes() -> None:
    check_java('openjdk version "17.0.15" 2025-04-15')


@pytest.mark.parametrize("printed", ['java version "1.8.0_402"', 'openjdk version "21.0.2"', "hm"])
def test_another_java_says_what_to_install(printed: str) -> None:
    with pytest.raises(OperatorError, match="install Java 17"):
        check_java(printed)


def test_another_python_says_how_to_run_it() -> None:
    with pytest.raises(OperatorError, match=r"this is Python 3\.11.*uv run"):
        check_python((3, 11))
