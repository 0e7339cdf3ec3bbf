"""Workers and their one JVM: whatever has died is replaced before the next job."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tonearm.local.cloud import spark_jvm, spark_pool
from tonearm.local.cloud.spark_jvm import SparkDidNotStartError, SparkJvm
from tonearm.local.cloud.spark_pool import SparkPool, Worker


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SparkPool]:
    """A pool of two whose processes only wait for their input's end."""

    def waiting(folder: Path, _jvm: SparkJvm) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(["cat"], cwd=folder, stdin=pipe, stdout=pipe, text=True)

    def a_jvm(folder: Path, _options: str) -> SparkJvm:
        process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        return SparkJvm(process, folder / "address")

    monkeypatch.setattr(spark_pool, "_start_process", waiting)
    monkeypatch.setattr(spark_jvm, "start", a_jvm)
    made = SparkPool(tmp_path, size=2)
    made.start()
    yield made
    made.stop()
    for worker in made._all:
        worker.process.communicate()  # closes both pipes
    for jvm in made._jvms:
        jvm.process.communicate()


def taken_and_given_back(pool: SparkPool, worker: Worker) -> Worker:
    """The worker that stands in the pool where this one was given back."""
    pool._give_back(worker)
    return [pool._idle.get() for _ in range(2)][-1]


def test_all_workers_share_one_jvm(pool: SparkPool) -> None:
    first, second = pool._idle.get(), pool._idle.get()

    assert first.jvm is second.jvm
    assert first.folder != second.folder


def test_a_dead_worker_is_replaced_in_the_same_jvm(pool: SparkPool) -> None:
    worker = pool._idle.get()
    worker.process.kill()
    worker.process.wait()

    other = taken_and_given_back(pool, worker)

    assert other is not worker
    assert other.is_alive
    assert other.jvm is worker.jvm


def test_a_dead_jvm_is_replaced_with_its_workers(pool: SparkPool) -> None:
    worker = pool._idle.get()
    worker.jvm.stop()

    other = taken_and_given_back(pool, worker)

    assert other.is_alive
    assert other.jvm is not worker.jvm
    assert worker.process.wait(10) != 0


def test_a_worker_that_ends_instead_of_answering_names_its_logs(pool: SparkPool) -> None:
    worker = pool._idle.get()
    with subprocess.Popen(["true"], stdout=subprocess.PIPE, text=True) as ended:
        assert worker.process.stdout
        worker.process.stdout.close()
        worker.process.stdout = ended.stdout

        answer = worker.ask({})

    assert not answer["ok"]
    assert str(worker.folder / "spark.log") in answer["error"]
    assert "java.log" in answer["error"]


def test_a_jvm_without_an_address_names_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_jvm, "START_SECONDS", 0)

    with pytest.raises(SparkDidNotStartError, match=r"java\.log"):
        spark_jvm.wait_for(tmp_path / "address")
