"""What is shipped to AWS is listed with a licence that allows it."""

from email.message import Message
from importlib.metadata import PackageMetadata
from typing import cast

import pytest

from tonearm.build.licences import PATH, package, page, shipped
from tonearm.build.requirements import TARGETS


def told(**fields: str) -> PackageMetadata:
    message = Message()
    message["Name"], message["Version"] = "Some", "1"
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return cast("PackageMetadata", message)


def test_the_page_is_the_one_that_would_be_written() -> None:
    assert PATH.read_text() == page()


def test_every_pinned_package_is_on_the_page() -> None:
    pinned = {
        line.partition("==")[0]
        for path in TARGETS.values()
        for line in path.read_text().splitlines()
        if "==" in line
    }

    assert len(pinned) > 15
    assert {one.name for one in shipped()} == pinned


def test_every_shipped_package_may_be_shipped() -> None:
    assert [one for one in shipped() if not one.is_accepted] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"License_Expression": "GPL-3.0-only"},
        {"License_Expression": "AGPL-3.0-or-later"},
        {"Classifier": "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"},
        {"License": "Proprietary"},
        {},
    ],
)
def test_a_strong_copyleft_or_unknown_licence_is_refused(fields: dict[str, str]) -> None:
    assert not package(told(**fields)).is_accepted


@pytest.mark.parametrize(
    ("fields", "licences"),
    [
        ({"License_Expression": "Apache-2.0 OR BSD-3-Clause"}, ("Apache-2.0", "BSD-3-Clause")),
        ({"Classifier": "License :: OSI Approved :: MIT License", "License": "x"}, ("MIT",)),
        ({"License": "Apache 2.0"}, ("Apache-2.0",)),
    ],
)
def test_each_way_to_name_a_licence_is_understood(
    fields: dict[str, str], licences: tuple[str, ...]
) -> None:
    assert package(told(**fields)).licences == licences
    assert package(told(**fields)).is_accepted
