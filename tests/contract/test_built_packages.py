"""What `sam build` made would run on AWS: small enough, and needing nothing of this machine."""

import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests.contract.template_reader import ROOT, resources
from tonearm.build.requirements import RUNTIME_PACKAGES

BUILD = ROOT / ".aws-sam" / "build"
FUNCTIONS = resources("AWS::Serverless::Function")
LIMIT_BYTES = 250 * 1024 * 1024  # unzipped, function and layers together
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MANAGED_LAYER_BYTES = 210 * 1024 * 1024  # left free for AWS's "SDK for pandas" layer
# 3.16.1 has 204 MiB (https://github.com/aws/aws-sdk-pandas/issues/3331)

pytestmark = pytest.mark.skipif(
    not BUILD.is_dir(), reason="nothing is built: `make setup` runs `sam build`"
)


def layers_of(function: dict[str, Any]) -> list[str]:
    return [item["!Ref"] for item in function.get("Layers", []) if "!Ref" in item]


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_with_its_layers_is_below_lambdas_limit(name: str) -> None:
    folders = [BUILD / name, *(BUILD / layer for layer in layers_of(FUNCTIONS[name]))]
    has_managed_layer = len(layers_of(FUNCTIONS[name])) < len(FUNCTIONS[name].get("Layers", []))

    own = sum(size_of(folder) for folder in folders)

    assert own < LIMIT_BYTES - (MANAGED_LAYER_BYTES if has_managed_layer else 0)


@pytest.fixture(scope="module")
def runtime_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Lambda runtime itself brings, and nothing else of this environment."""
    folder = tmp_path_factory.mktemp("runtime")
    site = Path(sysconfig.get_path("purelib"))
    names = {"python-dateutil": "dateutil", "six": "six.py"}
    for package in RUNTIME_PACKAGES:
        name = names.get(package, package)
        (folder / name).symlink_to(site / name)
    return folder


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_built_handler_imports_with_what_its_package_and_layers_hold(
    name: str, runtime_packages: Path
) -> None:
    layers = [BUILD / layer / "python" for layer in layers_of(FUNCTIONS[name])]
    module = FUNCTIONS[name]["Handler"].rpartition(".")[0]
    imports = [module, *(["snowflake.connector"] if "SnowflakeLayer" in str(layers) else [])]
    path = [str(folder) for folder in (BUILD / name, *layers, runtime_packages)]
    code = f"import sys; sys.path[:0] = {path!r}; import {', '.join(imports)}"

    finished = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr


def test_the_glue_layer_holds_the_shared_package_and_the_parser_for_glues_python() -> None:
    """Glue 6.0 runs Python 3.13 on x86-64 (docs: release notes of AWS Glue versions)."""
    layer = BUILD / "GlueCodeLayer" / "python"

    assert (layer / "tonearm_glue" / "contract.py").is_file()
    assert (layer / "msgspec" / "_core.cpython-313-x86_64-linux-gnu.so").is_file()
