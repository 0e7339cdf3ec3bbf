"""What a job says is never taken for the figures of the benchmark."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SERVING = """
import subprocess, sys
from benchmarks.spark_jobs import own_standard_output

answers = own_standard_output()
print('{"event": "lines_left_to_spark", "lines": 5}', flush=True)
subprocess.run([sys.executable, "-c", "print('a worker')"], check=True)
print("the figures", file=answers, flush=True)
"""


def test_only_answers_reach_the_standard_output_of_a_session() -> None:
    roots = f"{ROOT}:{ROOT / 'glue_jobs'}:{ROOT / 'lambdas'}"

    done = subprocess.run(
        [sys.executable, "-c", _SERVING],
        env={"PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "the figures\n"
    assert "lines_left_to_spark" in done.stderr
    assert "a worker" in done.stderr
