"""Publishing: what refuses it, what it freezes, what an edited version gives, and what a kill at any moment leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from kit.checking import check_standard
from kit.checking.publishing import PublishRefused, publish
from kit.errors import KitError, ProblemsError
from kit.scoring import score
from kit.standard import find_standard, load_all, load_standard, read_history
from kit.standard.freezing import lock
from kit.standard.history import text_fingerprint, verify, version_key
from tests.checking.published import CASES, RELATIVE, STANDARD, checkout, minutes
from tests.cli.running import kit


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIT_HOME", str(tmp_path))
    return tmp_path


def refused(to: str = "published", **more: object) -> list[str]:
    with pytest.raises(PublishRefused) as caught:
        publish("probe", to, **more)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


def test_published_version_is_frozen_whole(home: Path) -> None:
    folder = checkout(home)
    before = (folder / "standard.yaml").read_bytes()
    done = publish("probe")
    assert (done.label, done.status, done.superseded) == ("probe@1.0.0", "published", ())
    frozen = folder / "versions" / "1.0.0"
    names = {"standard.yaml", "cases.yaml", "minutes.yaml", "scales.yaml", "frozen.yaml"}
    assert {file.name for file in frozen.iterdir()} == names
    assert verify(folder, "1.0.0") == []
    standard = load_standard("probe")
    assert standard.path.parent == frozen, "the id alone means the version in force"
    assert standard.document.status == "published" and standard.fingerprint == done.fingerprint
    after = (folder / "standard.yaml").read_bytes()
    assert after == before.replace(b"status: trial ", b"status: published "), "of the text only the status is touched"
    assert (frozen / "standard.yaml").read_bytes() == after
    assert load_all(home / "standards")["probe"].path.parent == frozen
    assert load_standard("probe@draft").path == folder / "standard.yaml"
    assert load_standard("probe@1.0.0").label == "probe@1.0.0"


def test_a_frozen_version_does_not_follow_the_common_tables(home: Path) -> None:
    folder = checkout(home)
    done = publish("probe")
    scales = home / "standards" / "common" / "scales.yaml"
    scales.write_text(scales.read_text().replace("zh: 重大,", "zh: 特大,"), encoding="utf-8")
    assert load_standard("probe").scale.levels["major"].label.zh == "重大"
    assert load_standard("probe").fingerprint == done.fingerprint
    assert load_standard(folder).scale.levels["major"].label.zh == "特大"


def test_every_reason_at_once(home: Path) -> None:
    text = STANDARD.replace("at: [2, 4]", "at: [2, 40]").replace("status: trial", "status: draft")
    checkout(home, text, CASES.replace("level: low", "level: major"), record=minutes("probe@0.9.0", experts=6))
    found = "\n".join(refused())
    assert "status: draft, but only trial becomes published; publish it for trial first (--to trial)" in found
    assert "no value of x" in found and "(bands)" in found
    assert "minutes are about probe@0.9.0, not probe@1.0.0" in found
    assert "6 experts without conflict of interest signed, at least 7 are needed; 1 more" in found
    assert "the example '低' fails: level: expected major, came low" in found
    assert ":5:1: status:" in found, "each with its line"
    assert not (home / "standards" / "commerce" / "probe" / "versions").exists(), "nothing is left behind"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (None, "no minutes of an expert review; a panel of at least 7 experts has to pass probe@1.0.0"),
        (minutes().replace("verdict: passed", "verdict: rejected"), "the panel rejected the text"),
        (minutes().replace("甲3", "甲2").replace("示例单位3", "示例单位2"), "甲2 of 示例单位2 stands twice"),
        (minutes().replace("单位4, speciality: 安全, signed: true", "单位4, speciality: 安全"), "甲4 has not signed"),
        (minutes().replace("chair: 甲0", "chair: 乙"), "the chair 乙 is not among the experts"),
        (
            minutes().replace("signed: true}", "signed: true, conflict: true}", 1),
            "6 experts without conflict of interest signed",
        ),
        (
            minutes(more="opinions:\n  - {text: 改一处}\n").replace("verdict: passed", "verdict: passed_after_changes"),
            "passed after changes, but the opinion has no answer",
        ),
        (minutes(more="opinions:\n  - {text: 改一处, adopted: false}\n"), "needs its reason in reply"),
        (minutes().replace("held_at", "held_on"), "unknown key 'held_on'"),
    ],
)
def test_minutes_that_do_not_carry_it(home: Path, record: str | None, words: str) -> None:
    folder = checkout(home, record=record)
    if record is None:
        (folder / "minutes.yaml").unlink()
    assert words in "\n".join(refused())


def test_a_trial_needs_no_minutes_and_is_superseded(home: Path) -> None:
    folder = checkout(home, STANDARD.replace("status: trial", "status: draft"), record="")
    assert publish("probe", "trial").status == "trial"
    assert load_standard("probe").document.status == "trial"
    assert load_standard("probe@draft").document.status == "trial", "the working text follows"
    assert "version 1.0.0 is published already" in "\n".join(refused("trial"))
    checkout(home, STANDARD.replace("1.0.0", "1.0.1"), record=minutes("probe@1.0.1"))
    assert publish("probe").superseded == ("1.0.0",)
    assert [(one.version, one.status, one.superseded_by) for one in read_history(folder)] == [
        ("1.0.0", "superseded", "1.0.1"), ("1.0.1", "published", None),
    ]  # fmt: skip
    assert load_standard("probe@1.0.0").document.status == "superseded"


def test_changed_text_needs_a_higher_version(home: Path) -> None:
    folder = checkout(home)
    publish("probe")
    changed = (folder / "standard.yaml").read_text().replace("scores: [1, 2, 3]", "scores: [1, 2.5, 3]")
    (folder / "standard.yaml").write_text(changed)
    found = [f for f in check_standard(load_standard(folder)) if f.check == "frozen"]
    assert len(found) == 1 and "版本号没有改" in found[0].message_zh and found[0].severity == "error"
    assert "version 1.0.0 is published already" in "\n".join(refused())
    (folder / "standard.yaml").write_text(changed.replace("1.0.0", "0.9.9"))
    assert "version 0.9.9 is not above the last one, 1.0.0" in "\n".join(refused())
    assert version_key("1.10.0") > version_key("1.9.0")


@pytest.mark.parametrize("name", ["standard.yaml", "cases.yaml", "scales.yaml", "frozen.yaml"])
def test_an_edited_frozen_file_is_an_error_everywhere(home: Path, name: str) -> None:
    folder = checkout(home)
    publish("probe")
    file = folder / "versions" / "1.0.0" / name
    file.write_bytes(file.read_bytes() + b"\n")
    for reference in ("probe", "probe@1.0.0", "probe@draft", file.parent, folder):
        with pytest.raises(ProblemsError, match=r"edited after .*restore the file from version control"):
            load_standard(reference)
    with pytest.raises(ProblemsError, match="edited after"):
        load_all(home / "standards")
    for command in (("standard", "history", "probe"), ("standard", "check", "probe"), ("standard", "publish", "probe")):
        done = kit(*command)
        assert done.code == 1 and "被改过" in done.out + done.err, command
    for command in (("explain", "probe", "x.csv", "1"), ("standard", "prove", "probe"), ("standard", "test", "probe"),
                    ("standard", "list"), ("score", "probe", "x.csv", "-o", "y.csv")):  # fmt: skip
        done = kit(*command)
        words = "被改过" if command[0] == "standard" else "edited after"
        assert done.code == 2 and words in done.err, command


def test_files_added_and_taken_away(home: Path) -> None:
    folder = checkout(home)
    publish("probe")
    frozen = folder / "versions" / "1.0.0"
    (frozen / "checklist.csv").write_text("id\n")
    (frozen / "minutes.yaml").unlink()
    words = "\n".join(str(problem) for problem in verify(folder, "1.0.0"))
    assert "was added after version 1.0.0 was frozen" in words and "is missing" in words


def test_a_folder_the_history_does_not_name_is_no_version(home: Path) -> None:
    folder = checkout(home)
    place = folder / "versions" / "0.5.0"
    place.mkdir(parents=True)
    (place / "standard.yaml").write_text(STANDARD.replace("1.0.0", "0.5.0"))
    assert find_standard("probe") == folder / "standard.yaml"
    with pytest.raises(KitError, match=r"has no version '0\.5\.0'"):
        find_standard("probe@0.5.0")
    with pytest.raises(ProblemsError, match="was never published"):
        load_standard(place)


def test_a_folder_that_is_only_called_versions(tmp_path: Path) -> None:
    place = tmp_path / "versions" / "mine"
    place.mkdir(parents=True)
    (place / "standard.yaml").write_text(STANDARD)
    assert load_standard(place).label == "probe@1.0.0"


def test_relative_thresholds_become_numbers(home: Path) -> None:
    folder = checkout(home, RELATIVE, "- {name: 低, input: {x: 3}, expect: {risk: 1, level: low}}\n")
    assert "risk is relative to the rows of a table; give the data" in "\n".join(refused())
    data = pd.DataFrame({"x": [3.0, 5.0, 9.0]})
    relative = score(load_standard(folder), data)
    done = publish("probe", data=data)
    assert done.frozen == {"risk": {"goalposts": [3.0, 9.0]}}
    text = (folder / "versions" / "1.0.0" / "standard.yaml").read_text()
    assert "min_max: {goalposts: [3.0, 9.0]}" in text and "# 相对" in text, "the comment is kept"
    assert "min_max: {}" in (folder / "standard.yaml").read_text(), "the working text stays relative"
    frozen = load_standard("probe")
    pd.testing.assert_frame_equal(score(frozen, data), relative)
    assert score(frozen, data.tail(1))["level"].tolist() == ["major"]
    assert load_standard("probe@draft").document.status == "published"


def test_a_proof_with_a_counter_example_refuses(home: Path) -> None:
    checkout(home, STANDARD.replace("worse: higher", "worse: lower"))
    assert any("the level never improves when x gets worse; kit standard prove" in line for line in refused())


def test_dry_run_writes_nothing(home: Path) -> None:
    folder = checkout(home)
    before = {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}
    assert publish("probe", dry_run=True).dry_run
    assert {file: file.read_bytes() for file in home.rglob("*") if file.is_file()} == before
    assert not (folder / "versions").exists()


def test_one_publication_at_a_time(home: Path) -> None:
    folder = checkout(home)
    with lock(folder), pytest.raises(KitError, match="probe is being published by another process"):
        publish("probe")
    assert publish("probe").status == "published"


def test_the_status_line_is_no_change(home: Path) -> None:
    folder = checkout(home)
    before = text_fingerprint(folder)
    file = folder / "standard.yaml"
    file.write_text(file.read_text().replace("status: trial", "status: published"))
    assert text_fingerprint(folder) == before
    file.write_text(file.read_text().replace("# 试题标准", "# 试题"))
    assert text_fingerprint(folder) != before


def test_the_commands(home: Path) -> None:
    checkout(home, record="")
    done = kit("standard", "publish", "probe")
    assert done.code == 1 and "还不能转为正式发布（published）" in done.err
    assert json.loads(kit("standard", "publish", "probe", "--json").out)["published"] is False
    assert kit("standard", "publish", "probe", "--to", "trail").code == 2
    checkout(home)
    done = kit("standard", "publish", "probe")
    assert done.code == 0 and "已发布：probe@1.0.0，状态 published" in done.out
    done = kit("standard", "history", "probe")
    assert done.code == 0 and done.out.startswith("→ 1.0.0      published")
    assert "probe@1.0.0" not in kit("standard", "diff", "probe@1.0.0", "probe@draft").err


@pytest.mark.slow
def test_killed_at_any_moment_it_is_the_old_state_or_the_new(tmp_path: Path) -> None:
    """A process of its own publishes version 1.0.0 over 0.9.0 and is killed before each thing it does to a file."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.checking.kill_publishing", str(tmp_path / "home")],
        capture_output=True, text=True, check=True, timeout=300, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    kills = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(kills) > 20 and not kills[-1]["killed"] and all(kill["killed"] for kill in kills[:-1])
    old = {"in_force": "probe@0.9.0", "draft": "trial", "history": [["0.9.0", "published"]], "damage": []}
    new = {
        "in_force": "probe@1.0.0", "draft": "published", "damage": [],
        "history": [["0.9.0", "superseded"], ["1.0.0", "published"]],
    }  # fmt: skip
    seen = [{key: kill["seen"][key] for key in old} for kill in kills]
    assert all(state in (old, new) for state in seen)
    assert seen == sorted(seen, key=[old, new].index), "once new, never old again"
    assert old in seen[:-1] and new in seen[:-1]
    for kill in kills:
        again = kill["again"]
        assert {key: again[key] for key in new} == new, kill["n"]
        assert again["line"].startswith("status: published ")
        assert set(again["left"]) == {".lock", "0.9.0", "1.0.0", "history.yaml"}
