"""A risk matrix that is not monotone, has rows or columns no score reaches, or does not take a score that occurs."""

from __future__ import annotations

from collections.abc import Iterator

from kit.checking.findings import Finding, shown
from kit.checking.registry import Context

_AXES = (("likelihood", "可能性"), ("severity", "后果严重性"))


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the matrix and how the standard uses it; its shape is complete by the loader."""
    matrix, used = context.standard.matrix, context.document.level.matrix
    if matrix is None or used is None:
        return
    place = ("level", "matrix", "use")
    order = context.standard.scale.names
    rank = [[order.index(name) for name in row] for row in matrix.levels]
    if context.standard.scale.worst == "first":
        rank = [[-value for value in row] for row in rank]
    rows, columns = len(matrix.likelihood), len(matrix.severity)
    for row in range(rows):
        for column in range(columns):
            for below, beside in ((row + 1, column), (row, column + 1)):
                if below < rows and beside < columns and rank[below][beside] < rank[row][column]:
                    example = {
                        "可能性": [matrix.likelihood[row], matrix.likelihood[below]],
                        "后果严重性": [matrix.severity[column], matrix.severity[beside]],
                    }
                    yield context.find(
                        "error",
                        f"矩阵{used.use}不单调：({shown(matrix.likelihood[row])}, {shown(matrix.severity[column])})为"
                        f"{_zh(context, matrix.levels[row][column])}，({shown(matrix.likelihood[below])}, "
                        f"{shown(matrix.severity[beside])})反而为{_zh(context, matrix.levels[below][beside])}",
                        f"the matrix is not monotone: the level falls from {matrix.levels[row][column]} to "
                        f"{matrix.levels[below][beside]}",
                        place,
                        counter_example=example,
                        remedy_zh="改正其中一格，使可能性或后果上升时等级不下降",
                    )
    for axis, zh in _AXES:
        values = getattr(matrix, axis)
        score = getattr(used, axis)
        if list(values) != sorted(set(values)):
            yield context.find(
                "error",
                f"矩阵{used.use}的{zh}刻度没有按升序排列或有重复",
                f"the {axis} values are not in ascending order, each once",
                place,
                remedy_zh="把刻度按从低到高排列，每个一次",
            )
        reach = context.reach.node(score)
        for value in values:
            if not reach.may_be(value):
                yield context.find(
                    "warning",
                    f"矩阵的{zh} = {shown(value)}永远取不到，“{context.name_of(score)}”的分值在"
                    f"{shown(reach.low)}至{shown(reach.high)}之间",
                    f"{axis} {shown(value)} of the matrix is never reached by {score}",
                    ("level", "matrix", axis),
                    remedy_zh="核对各档分值，或换用刻度相配的矩阵",
                )
        missing = next((point for point in sorted(reach.points or ()) if point not in values), None)
        if reach.points is None:
            inside = (value for value in (reach.low, reach.high) if value not in values and abs(value) < float("inf"))
            missing = next(inside, None)
            yield context.find(
                "error",
                f"“{context.name_of(score)}”可以是任意小数，矩阵只有{'、'.join(shown(value) for value in values)}，"
                "落在刻度之间的没有等级",
                f"{score} may be any number between its bounds, but the matrix takes only listed values",
                ("level", "matrix", axis),
                counter_example={score: missing if missing is not None else (values[0] + values[-1]) / 2 + 0.01},
                remedy_zh="给这个节点加 round: {digits: 0, mode: half_up}，或改用cuts",
            )
        elif missing is not None:
            yield context.find(
                "error",
                f"“{context.name_of(score)}”可以得{shown(missing)}分，矩阵没有这个{zh}",
                f"{score} may be {shown(missing)}, which is not on the matrix",
                ("level", "matrix", axis),
                counter_example={score: missing},
                remedy_zh="核对各档分值，或换用刻度相配的矩阵",
            )


def _zh(context: Context, level: str) -> str:
    return f"“{context.standard.scale.levels[level].label.zh}”"
