"""A long-lived process that renders reports one after the other with papermill (every platform).

Run as ``python -m kit.reports.backends.worker``: one job a line on standard input, one outcome a line on standard
output.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

from kit.reports.backends.stock import execute
from kit.reports.engine import Job, run_job


def main() -> None:
    # What libraries print must not get between the outcomes.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        outcome = run_job(Job(**json.loads(line)), execute)
        answers.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
