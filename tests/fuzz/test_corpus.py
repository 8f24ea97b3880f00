"""What was ever worth a thought, or broke something, is tried again here."""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
SEEDS = sorted(CORPUS.glob("*/*.hex"))


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed.parent.name}-{seed.stem}")
def test_no_known_input_breaks_a_promise(seed: Path) -> None:
    data = bytes.fromhex(seed.read_text(encoding="ascii"))
    try:
        TARGETS[seed.parent.name](data)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is a failure)
        pytest.fail(f"{seed.stem}: {error!r}")


def test_every_target_has_seeds() -> None:
    assert {seed.parent.name for seed in SEEDS} == set(TARGETS)
