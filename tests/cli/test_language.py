"""Who runs `kit standard` is told in Chinese what has to be mended, and can have it in English."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kit.cli.language import shown_language
from tests.checking import test_cases
from tests.cli.running import kit

MISTAKES = Path(__file__).parents[1] / "standard" / "mistakes"


@pytest.fixture(autouse=True)
def _no_language_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIT_LANG", raising=False)


@pytest.mark.parametrize(
    ("arguments", "environ", "language"),
    [
        (["standard", "check"], {}, "zh"),
        (["score", "taxi"], {}, "en"),
        ([], {}, "en"),
        (["score", "standard"], {}, "en"),
        (["standard", "check"], {"KIT_LANG": "en"}, "en"),
        (["score", "taxi"], {"KIT_LANG": "zh"}, "zh"),
        (["standard", "check"], {"KIT_LANG": "fr"}, "zh"),
        (["standard", "check", "--lang", "en"], {"KIT_LANG": "zh"}, "en"),
        (["score", "--lang=zh", "taxi"], {}, "zh"),
        (["standard", "check", "--lang"], {}, "zh"),
    ],
)
def test_the_language(arguments: list[str], environ: dict[str, str], language: str) -> None:
    assert shown_language(arguments, environ) == language


def test_check_tells_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(MISTAKES / "several_mistakes_at_once.yaml")
    told = kit("standard", "check", path)
    assert told.code == 1 and "没有名称“vehicel_age”" in told.out and "是不是想写“major”？" in told.out
    assert not re.search("unknown|allowed|did you mean", told.out)
    assert "several_mistakes_at_once.yaml:22 overrides.0.at_least 等级表“risk”里没有等级“mayor”" in told.out
    english = kit("standard", "check", path, "--lang", "en")
    assert english.code == 1 and "'vehicel_age' is unknown" in english.out and "没有名称" not in english.out
    monkeypatch.setenv("KIT_LANG", "en")
    assert kit("standard", "check", path).out == english.out
    assert kit("standard", "check", path, "--lang", "zh").out == told.out


def test_check_as_json_has_both() -> None:
    found = json.loads(kit("standard", "check", str(MISTAKES / "weight_negative.yaml"), "--json").out)
    assert [(one["message_zh"], one["message_en"]) for one in found] == [
        ("权重是-0.5，必须大于0", "the weight -0.5 must be above 0")
    ]


def test_errors_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (("check",), ("test",), ("prove",), ("publish",), ("history",)):
        told = kit("standard", *command, "taix")
        assert told.code == 2 and told.err.startswith("没有标准“taix") and "是不是想写“taxi”？" in told.err, command
    assert kit("standard", "publish", "taxi", "--to", "pulbished").err.startswith("“--to pulbished”写得不对")
    assert kit("standard", "check", "--severity", "eror").err.startswith("不能写“eror”")
    assert kit("standard", "test", str(MISTAKES / "weight_negative.yaml")).err.splitlines()[0].endswith("标准有1处错误")
    monkeypatch.setenv("KIT_LANG", "en")
    assert kit("standard", "check", "taix").err.startswith("no standard 'taix")


def test_the_other_commands_tell_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    told = kit("explain", "taix", "nowhere.csv", "1")
    assert told.code == 2 and "没有" not in told.err
    monkeypatch.setenv("KIT_LANG", "zh")
    assert "没有标准“taix”" in kit("explain", "taix", "nowhere.csv", "1").err


def test_failing_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = "- {name: a, input: {age: 3, permit: true}, expect: {level: major}}\n"
    folder = str(test_cases.write(tmp_path, case))
    told = kit("standard", "test", folder)
    assert told.code == 1 and "“level”应为 major，得出 general" in told.out
    assert told.out.endswith("1个工作示例，0个相符\n")
    monkeypatch.setenv("KIT_LANG", "en")
    assert "level: expected major, came general" in kit("standard", "test", folder).out


def test_what_keeps_a_standard_from_being_published(tmp_path: Path) -> None:
    case = "- {name: a, input: {age: 3, permit: true}, expect: {level: major}}\n"
    folder = test_cases.write(tmp_path, case)
    told = kit("standard", "publish", str(folder / "standard.yaml"))
    assert told.code == 1
    head, *obstacles = told.err.splitlines()
    assert head == f"probe@0.1.0 还不能转为正式发布（published），有{len(obstacles)}处需要解决"
    text = "\n".join(obstacles)
    for words in ("请先试行", "没有专家评审纪要", "工作示例“a”不符：“level”应为 major，得出 general"):
        assert words in text
    assert not re.search(r"expected|missing|there are|must|needs", text), text
    found = json.loads(kit("standard", "publish", str(folder / "standard.yaml"), "--json").out)["problems"]
    assert [one["message_zh"] == one["message"] for one in found] == [False] * len(obstacles)


def test_the_help_says_how_to_change_it() -> None:
    shown = kit("--help").out
    assert "KIT_LANG" in shown
