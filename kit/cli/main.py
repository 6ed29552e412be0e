"""The command line: exit code 0 done, 1 findings or failed items, 2 wrong use."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import typer

import kit.cli as commands
from kit.cli.language import shown_language
from kit.errors import KitError

app = typer.Typer(
    name="kit",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Urban safety risk kit 城市安全风险评估工具箱: standards as text, scored, explained, rendered.",
    epilog="kit standard, kit data import and kit data read tell what has to be mended in Chinese, the other commands "
    "in English; KIT_LANG=zh or KIT_LANG=en sets one language for all. "
    "出错信息：kit standard、kit data import 和 kit data read 用中文，其他命令用英文；"
    "设环境变量 KIT_LANG=zh 或 en 可统一改变。",
)


def _gather() -> None:
    for info in sorted(pkgutil.iter_modules(commands.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{commands.__name__}.{info.name}")
        if hasattr(module, "register"):
            module.register(app)


def run() -> None:
    """Run the command line; what a person has to mend is shown without a traceback."""
    _gather()
    try:
        app()
    except KitError as error:
        print(error.text(shown_language()), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped; files are whole or not there", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    run()
