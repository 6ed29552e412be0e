"""Fixtures of the register tests."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tests.registers import sample_fakes


@pytest.fixture(scope="session")
def standards() -> dict[str, sample_fakes.FakeStandard]:
    return sample_fakes.fake_standards()


@pytest.fixture(scope="session")
def rate() -> Callable[[str, pd.DataFrame], pd.Series]:
    return sample_fakes.fake_rate
