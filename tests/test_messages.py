"""What is refused is told in Chinese, all of it: a message without a translation fails here, with file and line."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kit
from kit.errors import KitError, Problem, ProblemsError
from kit.messages import DEEPEST, LONGEST, _filled, entries, in_chinese
from tests.chinese import english_left

KIT = Path(kit.__file__).parent
SOURCES = sorted(
    {
        *(KIT / "standard").rglob("*.py"),
        *(KIT / "checking").glob("*.py"),
        # What the commands of `kit standard` show beside.
        *(KIT / "registers" / "form").glob("*.py"),
        KIT / "cli" / "data_import.py",
        *(KIT / "cli").glob("standard*.py"),
        KIT / "cli" / "reading.py",
        KIT / "checking" / "proofs" / "comparing.py",
        KIT / "scoring" / "figures.py",
        KIT / "scoring" / "apply.py",
        *(KIT / "registers").glob("source*.py"),
        KIT / "paths.py",
    }
)
# What a message is given to.
TELLERS = {"wrong", "Problem", "KitError", "ExpressionError", "CellError", "CellMistakeError", "EditError",
           "ValueError", "ProblemsError", "PublishRefused", "stop_if_wrong", "_unknown", "_unproved", "_summary",
           "_why_fixed"}  # fmt: skip

# -- the catalogue ------------------------------------------------------------------------------------


def test_every_entry_is_whole() -> None:
    seen: dict[str, str] = {}
    for entry in entries():
        assert re.search(r"[一-鿿]", entry.zh) or not re.search(r"[a-z] [a-z]", entry.en), entry.en
        holes = set(re.findall(r"\{(\w+)[*?,;]?(?:\|[^{}]*)?\}", entry.zh))
        assert holes <= set(entry.pattern.groupindex), entry.en
        shape = re.sub(r"\{\w+\}", "{}", entry.en)
        assert shape not in seen or entry.fixed == 0, f"{entry.en} and {seen[shape]} are one message"
        seen[shape] = entry.en
        assert "'" not in entry.zh.replace("['a', 'b']", "").replace("{'scores.likelihood.weight'", ""), entry.zh


def test_every_entry_is_reached() -> None:
    """The message an entry is for gets the words of that entry, not those of a more general one."""
    for entry in entries():
        message = entry.en
        for hole in entry.pattern.groupindex:
            inside = "must be a number" if f"{{{hole}*}}" in entry.zh else "甲"
            message = message.replace(f"{{{hole}}}", inside)
        found = entry.pattern.fullmatch(message)
        assert found is not None and in_chinese(message) == _filled(entry, found, 0), entry.en


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("unknown key 'titel'; allowed here: text, title; did you mean title?",
         "不认识的键“titel”；是不是想写“title”？这里可以写：text、title"),
        ("unknown key 'x'; remove it", "不认识的键“x”；请核对拼写，多余的删去"),
        ("must be text (put it in quotes if it looks like a number) (given: 5.1)",
         "应当是文字（看上去像数的要加引号）（现在写的是5.1）"),
        ("must be true or false (given: 'maybe')", "应当是 true 或 false（现在写的是“maybe”）"),
        ("must be a number (given: None)", "应当是数（现在写的是空值）"),
        ("Input should be less than or equal to 1 (given: 1.5)", "不能大于1（现在写的是1.5）"),
        ("file not found; the folder has: a.yaml, b.yaml; did you mean a.yaml?",
         "找不到文件；是不是想写“a.yaml”？文件夹里有：a.yaml、b.yaml"),
        ("vehicle_age: no number lies in '[3, 2]'; the lower end stands first",
         "vehicle_age：“[3, 2]”里没有数；小的一端写在前面"),
        ("'a and' is not a formula: something new in Python. Write for example a / b * 100, or not x and y >= 3",
         "“a and”不是公式：写法有误。例如可以写 a / b * 100，或 not x and y >= 3"),
        ("the example 'a; b' fails: level: expected major, came low; risk: expected 3, came None（车龄未填报）",
         "工作示例“a; b”不符：“level”应为 major，得出 low；“risk”应为 3，没有得出结果（车龄未填报）"),
        ("'{}' is no value of {energy}; allowed: {}", "“{}”不是“{energy}”的值；可以写：{}"),
    ],
)  # fmt: skip
def test_messages(english: str, chinese: str) -> None:
    assert in_chinese(english) == chinese


def test_what_is_not_known_stays() -> None:
    for message in ("", "no such message", "unknown key 'a'; a hint that nobody knows", "a: b: c", "甲"):
        assert in_chinese(message) == message
    assert (
        in_chinese("must be a number\n  no such message\nmust be null") == "应当是数\n  no such message\n这里应当空着"
    )
    long = "unknown key '" + "a" * LONGEST + "'; remove it"
    assert in_chinese(long) == long


def test_values_stay_as_they_were_given() -> None:
    """A name that happens to be a message is no message."""
    assert (
        in_chinese("unknown key 'must be a number'; remove it")
        == "不认识的键“must be a number”；请核对拼写，多余的删去"
    )
    assert in_chinese("no level 'date'; allowed: text, number") == "没有等级“date”；可以写：text、number"


@given(st.text(alphabet="a;:,'(){}.? \n甲", max_size=60), st.text(alphabet="a;:,'{} ", max_size=60))
def test_any_name_can_be_told(name: str, other: str) -> None:
    """No name a drafter writes makes the telling fail, or go round for ever; at worst it is told in English."""
    english = f"unknown key '{name}'; allowed here: {other}; did you mean {name}?"
    told = in_chinese(english)
    assert told.startswith("不认识的键“") or (told == english and "'" in name) or "\n" in name
    in_chinese(name)
    in_chinese("; did you mean x?" * (DEEPEST * 3))


def test_errors_in_both_languages() -> None:
    problem = Problem("must be a number (given: 'half')", "a.yaml", 3, 7, "fields.age")
    assert problem.text() == "a.yaml:3:7: fields.age: 应当是数（现在写的是“half”）"
    assert problem.text("en") == str(problem) == "a.yaml:3:7: fields.age: must be a number (given: 'half')"
    assert Problem("in English", zh="中文").text() == "中文" and str(Problem("in English", zh="中文")) == "in English"
    error = ProblemsError([problem, problem], "s.yaml: 2 problems in the standard")
    assert error.text().splitlines() == ["s.yaml：标准有2处错误", f"  {problem.text()}", f"  {problem.text()}"]
    assert error.text("en") == str(error)
    assert KitError("no change is given; write for example {'scores.likelihood.weight': 0.5}").text().startswith("没有")
    assert KitError("unheard of").text() == "unheard of"


# -- every message in the code --------------------------------------------------------------------------


class _Samples:
    """Samples of the messages a module makes: its f-strings with X for what varies."""

    def __init__(self, tree: ast.Module) -> None:
        self.constants = self._named(tree.body)
        self.locals: dict[str, list[ast.expr]] = {}

    @staticmethod
    def _named(body: list[ast.stmt]) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for statement in body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                        if isinstance(target, ast.Name):
                            found.setdefault(target.id, []).append(node.value)
                        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                            for one, value in zip(target.elts, node.value.elts, strict=False):
                                if isinstance(one, ast.Name):
                                    found.setdefault(one.id, []).append(value)
        return found

    def of(self, node: ast.expr | None, depth: int = 0) -> list[str]:
        """Return samples of a text; nothing where the expression is not known to be one."""
        if depth > 6:
            return []
        match node:
            case ast.Constant(value=str() as text):
                return [text]
            case ast.JoinedStr():
                parts = [self.hole(part, depth) for part in node.values]
                return ["".join(chosen) for chosen in itertools.islice(itertools.product(*parts), 60)]
            case ast.BinOp(op=ast.Add()):
                pairs = itertools.product(self.of(node.left, depth + 1), self.of(node.right, depth + 1) or ["X"])
                return [left + right for left, right in pairs]
            case ast.IfExp():
                return self.of(node.body, depth + 1) + self.of(node.orelse, depth + 1)
            case ast.Name():
                values = self.locals.get(node.id) or self.constants.get(node.id) or []
                return [text for value in values for text in self.of(value, depth + 1)]
            case ast.Call(func=ast.Name(id="did_you_mean")):
                label = next((word.value for word in node.keywords if word.arg == "allowed"), None)
                return [f"{label.value if isinstance(label, ast.Constant) else 'allowed'}: X, X; did you mean X?"]
            case ast.Dict():
                return [text for value in node.values for text in self.of(value, depth + 1)]
            case ast.Call(func=ast.Attribute(attr="get", value=words), args=[_, default]):
                return self.of(words, depth + 1) + self.of(default, depth + 1)
        return []

    def hole(self, node: ast.expr, depth: int) -> list[str]:
        if isinstance(node, ast.FormattedValue):
            called = node.value.func if isinstance(node.value, ast.Call) else None
            if ast.unparse(node.value) == "error" or (called and ast.unparse(called).rpartition(".")[2] in TELLERS):
                return ["must be a number"]  # what was raised, or is told there, is a message of its own
            return self.of(node.value, depth + 1) or ["X"]
        return self.of(node, depth + 1)


def told_in(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and sample of every message that a module tells."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    samples = _Samples(tree)
    scopes: list[ast.AST] = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for scope in scopes:
        assert isinstance(scope, ast.FunctionDef)
        samples.locals = samples._named(scope.body)
        for node in ast.walk(scope):
            told: list[ast.expr] = []
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name == "append":  # wrong.append("the item has no id")
                    name = ast.unparse(node.func).partition(".")[0]
                if name in TELLERS:
                    told = node.args
            elif isinstance(node, ast.Yield) and scope.name.endswith("problems") and isinstance(node.value, ast.Tuple):
                told = node.value.elts[1:]
            elif isinstance(node, ast.Return) and scope.name in TELLERS:
                told = [node.value] if node.value else []
            elif isinstance(node, ast.ListComp) and scope.name == "read_checklist":
                told = [node.elt]
            for argument in told:
                for text in samples.of(argument):
                    # Names, addresses, and messages that come with both languages (X (X)) are none to translate.
                    if re.search(r"[a-z]{2,}", text) and " " in text.strip():
                        yield argument.lineno, text


MESSAGES = sorted(
    {(path.relative_to(KIT.parent).as_posix(), line, text) for path in SOURCES for line, text in told_in(path)}
)


def test_the_messages_are_found() -> None:
    """The walk sees what it has to see: each way in which a message is made, and nearly every entry is of use."""
    texts = [text for _, _, text in MESSAGES]
    assert len({(file, line) for file, line, _ in MESSAGES}) > 150
    for words in (
        "no scale 'X'; there are: X", "needs full: (from what", "'X' gives X, but X is needed here",
        "a category field needs values", "- stands for any value", "unknown key 'X'; allowed here",
        "unknown key 'X'; remove it", "'X' is no field of the standard", "the item has no id", "X stands twice",
        "version X is published already", "version X is not above", "set status: draft", "'X' is no fault",
        "the example 'X' fails: X", "'X' is no cell; write matrix", "'X' is no number; write a number, <3",
        "the seal of version X was edited after X; restore", "X cannot become X: X obstacles", "not so: X;",
    ):  # fmt: skip
        assert any(words in text for text in texts), words


@pytest.mark.parametrize("file", sorted({file for file, _, _ in MESSAGES}))
def test_every_message_is_told_in_chinese(file: str) -> None:
    untold = []
    for name, line, text in MESSAGES:
        chinese = in_chinese(text)
        if name == file and (chinese == text or english_left(chinese)):
            untold.append(f"{name}:{line}: {text!r} -> {chinese!r}")
    assert untold == [], "add these to kit/messages_zh.yaml:\n" + "\n".join(untold)


def test_the_words_for_forms_are_told_in_chinese() -> None:
    from kit.standard import document, expressions, yaml_io

    assert document.NAME in yaml_io.PATTERNS
    words = [*yaml_io._WORDS.values(), *expressions._KIND_WORDS.values()]
    words += [f"must be {pattern} (given: 'X')" for pattern in yaml_io.PATTERNS.values()]
    assert [text for text in words if in_chinese(text) == text or english_left(in_chinese(text))] == []
