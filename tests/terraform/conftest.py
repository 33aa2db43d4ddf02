"""One copy of the repository for all of a process's Terraform tests: each has a state file of its own."""

import pytest

from tests.terraform.installation import Installation, installation


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Where Terraform works. Skips where it cannot."""
    return installation(tmp_path_factory.mktemp("site"))
