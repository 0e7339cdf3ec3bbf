import pytest

from tonearm_pipeline.errors import SettingsError
from tonearm_pipeline.settings import EnvReader


def test_every_missing_and_malformed_name_stands_in_one_error() -> None:
    env = EnvReader({"DAYS": "many", "ON": "yes", "URL": "ftp://x", "MODE": "fast", "LOW": "-1"})
    env.text("BUCKET")
    env.integer("DAYS")
    env.flag("ON")
    env.url("URL")
    env.choice("MODE", ("slow",))
    env.integer("LOW")

    with pytest.raises(SettingsError) as caught:
        env.check()

    for name in ("BUCKET", "DAYS", "ON", "URL", "MODE", "LOW"):
        assert name in str(caught.value)


def test_good_values_and_defaults_pass() -> None:
    env = EnvReader({"ON": "True", "LIST": " a , ,b ", "HOURS": "1.5", "BUCKET": "my-bucket"})

    values = (env.flag("ON"), env.words("LIST"), env.number("HOURS"), env.bucket("BUCKET"))
    env.check()

    assert values == (True, ("a", "b"), 1.5, "my-bucket")
    assert env.integer("DAYS", 7) == 7


def test_nan_is_not_a_number_to_work_with() -> None:
    env = EnvReader({"HOURS": "nan"})
    env.number("HOURS")

    with pytest.raises(SettingsError, match="HOURS"):
        env.check()
