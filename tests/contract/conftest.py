"""The contract, where there is one beside the checkout."""

from pathlib import Path

import pytest

from tests.contract.contract import Contract


@pytest.fixture(scope="session")
def contract(shared_reference: Path) -> Contract:
    return Contract.read(shared_reference / "tavus-openapi-2026-05.yml")
