"""The AOT cache: made once, used, harmless when broken, gone with its app when unfinished."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from labs.broker.aot import AotStore, cache_key
from labs.broker.bench import CACHED, PLAIN, QUICK, variants
from labs.broker.cluster import EmbeddedCluster
from labs.broker.embedded import EmbeddedProvider
from labs.broker.health import check_health
from labs.broker.interface import ClusterSpec, Progress
from labs.dirs import Dirs
from tests.labs.witness import eventually, is_gone

pytestmark = pytest.mark.broker


@pytest.fixture
def trained(kafka_provider: EmbeddedProvider, kafka_dirs: Dirs) -> Path:
    """The cache, made by the first test that asks and kept with the jars."""
    assert kafka_provider.train()
    path = AotStore(kafka_dirs).find(kafka_provider.prepare())
    assert path
    return path


def command_line(cluster: EmbeddedCluster) -> list[str]:
    return psutil.Process(cluster.nodes[0].pid).cmdline()


def test_a_trained_cache_is_taken_by_the_jvm_and_used_by_the_next_start(
    trained: Path, kafka_provider: EmbeddedProvider, kafka_dirs: Dirs
) -> None:
    runtime = kafka_provider.prepare()
    strict = replace(runtime, aot=trained, flags=(*runtime.flags, "-XX:AOTMode=on"))  # `on`: refuse to run without it
    subprocess.run(strict.command("kafka.Kafka", ["--version"], heap_mb=512), check=True, stdout=subprocess.DEVNULL)

    cluster = kafka_provider.start(ClusterSpec())
    assert isinstance(cluster, EmbeddedCluster)
    try:
        assert f"-XX:AOTCache={trained}" in command_line(cluster)
        assert Path(str(cluster.nodes[0].log_file)).with_suffix(".out").read_text() == ""
    finally:
        cluster.stop()
    (line,) = [item for item in check_health(kafka_dirs) if item.name == "Fast start"]
    assert str(trained) in line.found


def test_three_nodes_and_the_tools_use_it_too(trained: Path, kafka_provider: EmbeddedProvider) -> None:
    runtime = replace(kafka_provider.prepare(), aot=trained, flags=(*kafka_provider.prepare().flags, "-XX:AOTMode=on"))
    for heap in (256, 512):
        done = subprocess.run(
            runtime.command("org.apache.kafka.tools.TopicCommand", ["--version"], heap_mb=heap),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""


def test_training_again_does_nothing(trained: Path, kafka_provider: EmbeddedProvider) -> None:
    seen: list[Progress] = []
    made = trained.stat().st_mtime_ns
    assert kafka_provider.train(seen.append)
    assert trained.stat().st_mtime_ns == made
    assert [step for step in seen if step.stage == "train"] == []
    assert kafka_provider.train_in_background() is None


def test_what_a_jvm_would_refuse_has_another_key(kafka_provider: EmbeddedProvider) -> None:
    runtime = kafka_provider.prepare()
    others = [
        replace(runtime, java=replace(runtime.java, version="25.0.3")),
        replace(runtime, flags=("-XX:+UseG1GC",)),
        replace(runtime, jars=runtime.jars[1:]),
    ]
    assert len({cache_key(one) for one in (runtime, *others)}) == 4
    assert (
        AotStore(Dirs(Path(), Path(), Path())).find(replace(runtime, java=replace(runtime.java, version="21"))) is None
    )


def test_the_bench_compares_what_it_says(trained: Path, kafka_provider: EmbeddedProvider, kafka_dirs: Dirs) -> None:
    ways = variants(kafka_provider.prepare(), AotStore(kafka_dirs))
    assert (ways[PLAIN].flags, ways[PLAIN].aot) == ((), None)
    assert ways[QUICK].flags
    assert ways[QUICK].aot is None
    assert ways[CACHED].aot == trained


@pytest.fixture
def own_cache(kafka_home: Path, kafka_cache: Path) -> Dirs:
    """A cache of the test's own: with the jars, without an AOT cache."""
    home = Dirs(kafka_home / "data", kafka_home / "own-cache", kafka_home / "state")
    EmbeddedProvider(Dirs(home.data, kafka_cache, home.state)).prepare()
    home.cache.mkdir(parents=True)
    for shared in ("jars", "templates"):
        if (kafka_cache / shared).exists():
            (home.cache / shared).symlink_to(kafka_cache / shared, target_is_directory=True)
    return home


def test_a_broken_cache_does_no_harm(own_cache: Dirs) -> None:
    provider = EmbeddedProvider(own_cache)
    path = AotStore(own_cache).path(provider.prepare())
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a cache" * 1000)
    cluster = provider.start(ClusterSpec())
    try:
        assert cluster.failure() is None
    finally:
        cluster.stop()


def test_a_training_that_is_stopped_leaves_nothing_and_is_offered_again(own_cache: Dirs) -> None:
    provider = EmbeddedProvider(own_cache)
    others = psutil.Process().children(recursive=True)  # the broker that the tests of this worker share
    training = provider.train_in_background()
    assert training is not None
    family: list[int] = []

    def java_runs() -> bool:
        children = [child for child in psutil.Process().children(recursive=True) if child not in others]
        family[:] = [child.pid for child in children]
        return any("kafka.Kafka" in child.cmdline() for child in children)

    eventually(java_runs, "the broker of the training runs")
    assert training.running

    training.stop()

    eventually(lambda: all(map(is_gone, family)), "its processes gone")
    eventually(lambda: not list((own_cache.state / "runs").iterdir()), "its directory gone")
    assert AotStore(own_cache).find(provider.prepare()) is None
    again = provider.train_in_background()
    assert again is not None
    again.stop()


def test_kill_9_of_the_app_ends_the_training_in_the_background(own_cache: Dirs) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from labs.broker.embedded import EmbeddedProvider; from labs.dirs import Dirs\n"
        "training = EmbeddedProvider(Dirs(*map(Path, sys.argv[1:]))).train_in_background()\n"
        "time.sleep(600)"
    )
    where = (str(own_cache.data), str(own_cache.cache), str(own_cache.state))
    app = subprocess.Popen([sys.executable, "-c", program, *where])
    family: list[int] = []
    try:

        def java_runs() -> bool:
            children = psutil.Process(app.pid).children(recursive=True)
            family[:] = [child.pid for child in children]
            return any("kafka.Kafka" in child.cmdline() for child in children)

        eventually(java_runs, "the broker of the training runs")
    finally:
        app.send_signal(signal.SIGKILL)
        app.wait()
    eventually(lambda: all(map(is_gone, family)), "its processes gone")
    eventually(lambda: not list((own_cache.state / "runs").iterdir()), "its directory gone")
