"""What a report may not say is taken out, and the rest is left as it is."""

import pytest

from tonearm.verify.masking import Mask

ID = "4aawyAB9vmqN3uQ7FjRGTy"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to lis.tener+x@example.org now", "write to <e-mail> now"),
        ("arn:aws:iam::123456789012:role/x", "arn:aws:iam::<account>:role/x"),
        ("tonearm-lake-123456789012-eu-west-1", "tonearm-lake-<account>-eu-west-1"),
        (f"spotify:album:{ID} and {ID}", "spotify:album:<id> and <id>"),
        (f"https://open.spotify.com/album/{ID}?si=x", "https://open.spotify.com/album/<id>?si=x"),
        ("token " + "BQ" + "a1" * 50, "token <token>"),
        ("AKIA" + "ABCDEFGH23456789", "<key>"),
        ("part-00000-0a1b2c3d-1111-2222-3333-444455556666-c000", "part-00000-<uuid>-c000"),
        ("20261130T211342Z-07def4 took 1234567 ms", "20261130T211342Z-07def4 took 1234567 ms"),
        ("AWSLambdaBasicExecutionRole", "AWSLambdaBasicExecutionRole"),
        ("run `tonearm snowflake deploy`", "run `tonearm snowflake deploy`"),
    ],
)
def test_what_has_a_known_form_is_masked(text: str, masked: str) -> None:
    assert Mask().text(text) == masked


def test_a_known_value_is_masked_by_its_kind_and_not_inside_words() -> None:
    mask = Mask([("ORG-ACCOUNT", "Snowflake account"), ("ext", "too short"), ("", "empty")])

    assert mask.text("org-account, ORG-ACCOUNTS") == "<Snowflake account>, ORG-ACCOUNTS"
    assert mask.text("the next text") == "the next text"


def test_every_text_of_a_tree_is_masked() -> None:
    tree = {"a": ["123456789012", 123456789012, None], "b": {"c": "x@y.org"}}

    assert Mask().tree(tree) == {"a": ["<account>", 123456789012, None], "b": {"c": "<e-mail>"}}
