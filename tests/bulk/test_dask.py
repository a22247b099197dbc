"""The same bulk on a Dask cluster: workers make the tries, and may be lost; pace and ledger stay where they are."""

import asyncio
import json
import os
import pickle
import signal
import threading
import time
from pathlib import Path

import pytest
from limit_server import DOCUMENT, limit_server, stats

from dynaopenai import AsyncClient, Client
from dynaopenai._bulk.dask import EngineError
from dynaopenai._bulk.pace import BURST
from dynaopenai._client.many import Remote

distributed = pytest.importorskip("distributed")
SHARED = str(Path(__file__).parents[1] / "shared")
KEY = "sk-CANARY-dask"


@pytest.fixture(scope="module")
def cluster():
    os.environ["OPENAI_API_KEY"] = "sk-of-the-workers"
    try:
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster:
            yield cluster
    finally:
        del os.environ["OPENAI_API_KEY"]


def rows(folder, number):
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps({"prompt": f"q{n}"}) + "\n" for n in range(1, number + 1)))
    return path


def bulk(url, folder, number, **options):
    with Client(DOCUMENT, base_url=url) as client:
        return client.ask.map(rows(folder, number), out=folder / "out.jsonl", show=False, **options)


def answered(folder):
    return sorted(json.loads(line)["row"] for line in (folder / "out.jsonl").read_text().splitlines())


pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


def test_workers_answer_every_row_once(cluster, tmp_path):
    with limit_server(errors=0.03, latency=0.01) as url:
        run = bulk(url, tmp_path, 300, engine=cluster.scheduler_address)
        assert stats(url)["answered"] == 300
    assert (run.done, run.failed) == (300, 0)
    assert answered(tmp_path) == list(range(1, 301))


def test_a_given_rate_is_for_all_workers_together(cluster, tmp_path):
    number, rate = 150, 50
    with limit_server() as url:
        began = time.monotonic()
        run = bulk(url, tmp_path, number, engine=cluster.scheduler_address, rpm=rate * 60)
        lasted = time.monotonic() - began  # at least; a busy machine only makes it longer
    assert run.done == number
    assert number <= rate * (lasted + BURST)


def test_a_worker_that_is_lost_twice_loses_no_row(cluster, tmp_path):
    killed = []

    def kill():
        while len(killed) < 2:
            time.sleep(0.4)
            pids = [worker.pid for worker in cluster.workers.values() if worker.pid and worker.pid not in killed]
            if pids and stats(url)["answered"] > 20 * (len(killed) + 1):
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

    with limit_server(latency=0.05) as url:
        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        run = bulk(url, tmp_path, 600, engine=cluster.scheduler_address, concurrency=32)
        seen = stats(url)
    assert len(killed) == 2
    assert (run.done, run.failed) == (600, 0)
    assert answered(tmp_path) == list(range(1, 601))
    assert seen["answered"] - 600 <= 2 * 32
    assert seen["repeated"] == seen["answered"] - 600  # with the same Idempotency-Key


def test_what_a_cluster_began_goes_on_without_one_and_the_reverse(cluster, tmp_path):
    with limit_server() as url:
        bulk(url, tmp_path, 40, engine=cluster.scheduler_address)
        assert bulk(url, tmp_path, 60).done == 20
        assert bulk(url, tmp_path, 80, engine=cluster.scheduler_address).done == 20
        assert stats(url)["calls"] == 80


def test_no_key_travels():
    async def travelling():
        async with AsyncClient(DOCUMENT, base_url="http://127.0.0.1:9", api_key=KEY, headers={"X-Api-Key": KEY}) as client:
            return pickle.dumps(Remote(client.ask))

    assert KEY.encode() not in asyncio.run(travelling())


def test_a_scheduler_that_is_not_there_is_told(tmp_path):
    with pytest.raises(EngineError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        bulk("http://127.0.0.1:9", tmp_path, 1, engine="tcp://127.0.0.1:9")
