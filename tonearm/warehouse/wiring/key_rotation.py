"""Gives the service user a new key while the old one goes on working until the end.

https://docs.snowflake.com/en/user-guide/key-pair-auth#configuring-key-pair-rotation
"""

from tonearm.errors import OperatorError
from tonearm.screen import Screen
from tonearm.warehouse.keys import KeyPair, new_key_pair
from tonearm.warehouse.wiring.aws_side import put_key
from tonearm.warehouse.wiring.inspect_sides import Inspection, Sides
from tonearm.warehouse.wiring.session import Account, RefusedError


def rotate(sides: Sides, account: Account, seen: Inspection, screen: Screen) -> KeyPair:
    """Change the key: the old one moves to the second slot, and leaves it when the new one works.

    A call that dies half-way leaves the secret's key in one of the two slots, so that the pipeline
    can always sign in; the next call goes on from there.

    Raises:
        OperatorError: there is no key to change, or Snowflake does not take the new one.
    """
    user, old = seen.names.service_user, seen.aws.key
    if old is None:
        raise OperatorError(
            "there is no key to change", "deploy without --rotate-key, which makes one"
        )
    new = new_key_pair()
    _set_slots(account, user, new.public_key, old.public_key)
    if refusal := sides.service_refusal(seen.names, new):
        _set_slots(account, user, old.public_key, new.public_key)
        raise OperatorError(
            f"Snowflake does not take the new key ({refusal})",
            "the old key goes on working; run the command again",
        )
    put_key(sides.clients, seen.stack, new)
    screen.say(f"secret: the new key ({new.fingerprint})")
    _empty_second_slot(account, user, screen)
    return new


def _set_slots(account: Account, user: str, first: str, second: str) -> None:
    account.run(f"alter user {user} set rsa_public_key = '{first}' rsa_public_key_2 = '{second}'")


def _empty_second_slot(account: Account, user: str, screen: Screen) -> None:
    statement = f"alter user {user} unset rsa_public_key_2"
    try:
        account.run(statement)
    except RefusedError as error:
        screen.say(f"the old key still works ({error.reason}): run `{statement}`")
    else:
        screen.say("the old key no longer works")
