"""Every proof is in the table, README and Makefile say what it says, and a failing one is told."""

import re
import shlex
import sys
import time
from pathlib import Path

import pytest

from tests.proofs import run_proofs
from tests.proofs.run_proofs import closing, prove
from tests.proofs.table import README, ROOT, Proof, proofs, readme_with_list

MAKEFILE = (ROOT / "Makefile").read_text()
RUNNER = re.compile(r"\S+/run_\w+\.py|-m benchmarks\b|benchmarks/\w+\.py")
PROOFS = proofs()


def recipes() -> dict[str, str]:
    """What each target does."""
    rules = re.findall(r"^([a-z-]+):([^\n]*)\n((?:\t[^\n]*\n)*)", MAKEFILE, re.M)
    return {target: recipe for target, _, recipe in rules if recipe}


def of_check() -> set[str]:
    """What `make check` runs itself."""
    return set(re.findall(r"[a-z-]+", recipes()["check"]))


def test_every_target_that_runs_a_proof_is_in_the_table() -> None:
    running = {target for target, recipe in recipes().items() if RUNNER.search(recipe)}

    assert running - of_check() - {"proofs"} <= {proof.target for proof in PROOFS}
    assert {proof.target for proof in PROOFS} <= recipes().keys()


def test_every_runner_of_a_proof_is_run_by_a_target() -> None:
    run = {found for recipe in recipes().values() for found in RUNNER.findall(recipe)}

    there = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("run_*.py")}
    assert there <= run


def test_every_section_of_the_benchmark_is_in_the_table() -> None:
    measured = re.findall(
        r'^    "(\w+)": \1,$', (ROOT / "benchmarks/__main__.py").read_text(), re.M
    )

    assert len(measured) >= 5
    assert {proof.name for proof in PROOFS if proof.target == "bench"} == {
        f"bench-{section}" for section in measured
    }


@pytest.mark.parametrize("proof", PROOFS, ids=[proof.name for proof in PROOFS])
def test_both_sizes_are_of_one_target_and_its_help_says_what_it_shows(proof: Proof) -> None:
    whole, bounded = shlex.split(proof.whole), shlex.split(proof.bounded)
    assert whole[:2] == bounded[:2] == ["make", proof.target]

    if proof.target != "bench":
        assert f"## {proof.shows}\n" in MAKEFILE
    named = {word.partition("=")[0] for word in (*whole[2:], *bounded[2:])}
    assert all(f"$({name}" in recipes()[proof.target] for name in named)


@pytest.mark.parametrize("proof", PROOFS, ids=[proof.name for proof in PROOFS])
def test_no_last_line_is_taken_that_says_nothing_was_proved(proof: Proof) -> None:
    assert not proof.is_good("")
    assert not proof.is_good("Killed")
    assert proof.last_line.startswith(f"^{proof.name.replace('-', ' ')}:")
    assert proof.last_line.endswith("$")


def test_the_list_in_the_readme_is_made_of_the_table() -> None:
    assert README.read_text() == readme_with_list(), "run `make proofs-list`"


def a_proof(command: str, seconds: int = 20) -> Proof:
    class Scripted(Proof):
        @property
        def command(self) -> list[str]:
            return ["bash", "-c", command]

    return Scripted("it", "shows", "make it", "make it", seconds, r"^it: (\d+) of \1 good$")


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("echo began; echo 'it: 3 of 3 good'; echo; echo to the side >&2", ""),
        ("echo 'it: 2 of 3 good'", "its last line says something else"),
        ("echo 'it: 3 of 3 good'; echo and more", "its last line says something else"),
        ("true", "its last line says something else"),
        ("echo 'it: 3 of 3 good'; exit 3", "exit code 3"),
    ],
)
def test_a_proof_is_good_by_its_exit_code_and_its_last_line(
    tmp_path: Path, command: str, wrong: str
) -> None:
    assert prove(a_proof(command), tmp_path).wrong == wrong


@pytest.mark.parametrize(
    ("then", "seconds", "wrong"),
    [("sleep 60", 1, "not done in 1 s"), ("echo 'it: 1 of 1 good'", 20, "")],
    ids=["takes too long", "leaves it behind"],
)
def test_a_service_does_not_outlive_its_proof(
    tmp_path: Path, then: str, seconds: int, wrong: str
) -> None:
    left = tmp_path / "left"
    service = f"import os, time; os.setpgrp(); time.sleep(2.5); open('{left}', 'w')"

    outcome = prove(a_proof(f'{sys.executable} -c "{service}" & {then}', seconds), tmp_path)
    time.sleep(3)

    assert outcome.wrong == wrong
    assert not left.exists()


def test_one_that_fails_is_in_the_closing_line_and_in_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [a_proof("echo 'it: 1 of 1 good'"), a_proof("echo 'it: 0 of 1 good'; exit 1")]
    monkeypatch.setattr(run_proofs, "proofs", lambda: both)
    monkeypatch.setattr(run_proofs, "LOGS", ROOT / ".tonearm" / "proofs" / "test")

    assert run_proofs.main([]) == 1

    first, second, last = capsys.readouterr().out.splitlines()
    assert first.endswith("it: 1 of 1 good")
    assert "FAILED: exit code 1: it: 0 of 1 good" in second
    assert last.startswith("proofs: 1 of 2 good")
    assert "failed: it" in last
    assert run_proofs.main(["no such name"]) == 1


def test_all_good_is_said_without_more() -> None:
    assert closing(14, [], 712.4) == "proofs: 14 of 14 good in 712 s"
