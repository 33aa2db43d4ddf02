"""Settings as people write them: a blank line in `.env` is no value."""

import pytest

from shared.errors import ConfigurationError
from shared.settings import Settings

OPTIONAL = [name for name, field in Settings.model_fields.items() if field.default is None]


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_blank_variable_counts_as_none(name: str) -> None:
    assert getattr(Settings.load({name.upper(): ""}), name) is None


@pytest.mark.parametrize("name", ["FIRESTORE_EMULATOR_HOST", "TASKS_EMULATOR_HOST"])
@pytest.mark.parametrize("wrong", ["localhost", "http://127.0.0.1:80", "a b:1"])
def test_an_emulator_is_a_host_and_a_port(name: str, wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        Settings.load({name: wrong})
