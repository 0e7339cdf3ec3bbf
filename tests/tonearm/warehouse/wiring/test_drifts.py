"""Each drift is named, healed by running deploy again, and gone afterwards."""

import pytest

from tests.tonearm.warehouse.wiring.drifts import DRIFTS, TOGETHER, Drift
from tests.tonearm.warehouse.wiring.local_sides import LocalSides
from tonearm.warehouse.wiring.aws_side import read_aws, trusts


@pytest.mark.parametrize("drift", DRIFTS, ids=[drift.id for drift in DRIFTS])
def test_a_drift_is_named_and_healed(wired: LocalSides, drift: Drift) -> None:
    drift.seed(wired)

    named = wired.status()
    assert drift.kind in named.kinds, named.text
    (line,) = [line for line in named.text.splitlines() if drift.says in line]
    assert line.strip().startswith(f"{drift.kind}: ")
    assert "; fix: run `tonearm snowflake deploy`" in line

    healed = wired.deploy()
    assert drift.says in healed.text
    assert healed.findings == [], healed.text


def test_a_role_edited_by_hand_trusts_snowflake_again(wired: LocalSides) -> None:
    (drift,) = [drift for drift in DRIFTS if drift.id == "trust-edited"]
    drift.seed(wired)

    wired.deploy()

    policy = read_aws(wired.clients, wired.stack).read_trust
    assert policy is not None
    principal = wired.stack.parameter("SnowflakePrincipalArn")
    assert trusts(policy, principal, wired.stack.parameter("SnowflakeExternalId"))
    assert len(policy["Statement"]) == 1


def test_several_drifts_at_once_are_each_named_and_healed_by_one_deploy(
    wired: LocalSides,
) -> None:
    for drift in TOGETHER:
        drift.seed(wired)

    named = wired.status()
    for drift in TOGETHER:
        (line,) = [line for line in named.text.splitlines() if drift.says in line]
        assert line.strip().startswith(f"{drift.kind}: "), drift.id

    assert wired.deploy().findings == []
