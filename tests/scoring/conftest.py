"""Every test that asks for `engine` runs on each kind of frame."""

from __future__ import annotations

import pytest

from tests.scoring.tiny import FRAMES, Engine


@pytest.fixture(params=list(FRAMES))
def engine(request: pytest.FixtureRequest) -> Engine:
    return Engine(request.param)
