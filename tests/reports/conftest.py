"""One made period, its reports of three areas and the portal, shared by the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.reports import batch, portal
from tests.reports import made_period

AREAS = ["110101", "110105", "110115403"]


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_period.make(tmp_path_factory.mktemp("period") / "2019Q4" / "data")


@pytest.fixture(scope="session")
def rendered(data_dir: Path) -> Path:
    """The folder of the period with the reports of three areas and the portal."""
    out = data_dir.parent
    result = batch("2019Q4", areas=AREAS, out=out, jobs=2)
    assert not result.failures, result.failures
    portal("2019Q4", out=out)
    return out
