"""Labs on somebody's own cluster: three nodes with TLS, logins and access rules; and no secret where others see it."""

from __future__ import annotations

import contextlib
import gc
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from labs import catalog, uncleaned
from labs.broker.access import PROPERTY_PREFIX, Access
from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import ClusterSpec
from labs.client import Kafka
from labs.clusters import SharedCluster
from labs.contract import Event, Output
from labs.dirs import Dirs
from labs.evidence import to_json
from labs.external.attempt import connected
from labs.external.connection import Connection
from labs.external.provider import ExternalProvider, admitted
from labs.nursery import Nursery
from labs.program import Program
from labs.runner import LabRunner
from labs.session_file import Owner, Session, lab_paths, write_session
from labs.tools import ToolRunner
from labs.waits import Deadline, StopFlag
from tests.labs.lab_world import some_answer
from tests.labs.secured import Authority, Secured, secured
from tutor.cli.main import main

pytestmark = [
    pytest.mark.broker,
    # kafka-python leaves the socket of a connection that it is just making to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed .*:ResourceWarning"),
]
BEARER = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory, kafka_cache: Path) -> Iterator[Secured]:
    """The cluster, for all tests of this file."""
    home = tmp_path_factory.mktemp("theirs")
    with secured(EmbeddedProvider(Dirs(home / "data", kafka_cache, home / "state")), home) as found:
        yield found


@pytest.fixture
def admin(there: Secured) -> Iterator[Kafka]:
    """The plain way in, which only the test has; afterwards no lab has left a topic."""
    with Kafka.at(there.cluster, StopFlag(there.cluster.failure)) as kafka:
        yield kafka
        assert kafka.topics("kt-") == []


@pytest.fixture(autouse=True)
def nothing_shown(there: Secured, kafka_home: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[list[list[str]]]:
    """No child shows a password in its command line or its environment, no file keeps one, no output has one."""
    seen: list[list[str]] = []
    over = threading.Event()
    brokers = {node.pid for node in there.cluster.nodes}

    def look() -> None:
        while not over.wait(0.15):  # a Java tool lives for a second; looking costs as much as the lab otherwise
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if child.pid not in brokers:
                        seen.append([*child.cmdline(), *(f"{k}={v}" for k, v in child.environ().items())])

    watcher = threading.Thread(target=look)
    watcher.start()
    yield seen
    over.set()
    watcher.join()
    gc.collect()  # what the client leaves half made is to be told of here, where it is expected
    said = capfd.readouterr()
    texts = [" ".join(words) for words in seen] + [said.out, said.err]
    texts += [path.read_bytes().decode("latin-1") for path in kafka_home.rglob("*") if path.is_file()]
    for password in there.passwords.values():
        assert [text for text in texts if password in text] == []


def cli(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """A command in this process: exit status, output, messages. What it shows is looked at."""
    capfd.readouterr()
    status = main(args)
    said = capfd.readouterr()
    sys.stdout.write(said.out)  # for `nothing_shown`
    sys.stderr.write(said.err)
    return status, said.out, said.err


def predictions(number: int) -> list[str]:
    """For `lab run`."""
    return [word for q in catalog.info(number).questions for word in ("--predict", f"{q.id}={some_answer(q)}")]


def let_in(there: Secured, user: str = "alice", **others: str) -> Connection:
    return Connection(there.servers, there.properties(user, **others))


# --- with all rights -------------------------------------------------------------------------------------------------


def test_a_lab_is_proven(
    there: Secured, admin: Kafka, capfd: pytest.CaptureFixture[str], nothing_shown: list[list[str]]
) -> None:
    config = ("-b", there.servers, "--command-config", there.file("alice"))
    status, out, _ = cli(capfd, "lab", "prove", "1", *config, "--json")
    assert status == 0
    assert json.loads(out)["wrong"] == 0
    tools = [words for words in nothing_shown if any(word.endswith("ConsumerGroupCommand") for word in words)]
    assert tools  # a Java tool was let in, by a file that has no name
    assert all("/dev/fd/" in " ".join(words) for words in tools)


def test_verify_elsewhere_needs_the_login_again_and_evidence_has_no_secret(
    there: Secured, admin: Kafka, kafka_dirs: Dirs, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event] = []
    source = SharedCluster(ExternalProvider(kafka_dirs, let_in(there)))
    with LabRunner(catalog.load(1), source, kafka_dirs, events.append) as run:
        run.reset()
        status, _, err = cli(capfd, "lab", "verify", "1")
        assert (status, "needs a login or TLS" in err) == (2, True)
        monkeypatch.setenv("KAFKA_TUTOR_BOOTSTRAP_SERVERS", there.servers)
        for name, value in there.properties("alice").items():
            monkeypatch.setenv(PROPERTY_PREFIX + name.upper().replace(".", "_"), value)
        assert cli(capfd, "lab", "verify", "1")[0] == 1
        run.apply_reference_fix()
        assert cli(capfd, "lab", "verify", "1")[0] == 0
        run.command(f"echo {there.passwords['alice']}")  # the prompt says what it does not know
        said = to_json(run.evidence()) + "".join(event.text for event in events if isinstance(event, Output))
    source.close()
    assert there.passwords["alice"] not in said
    assert "external, 3 nodes, SASL_SSL" in said


def test_programs_of_the_learner_are_let_in(there: Secured, kafka_dirs: Dirs, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import os\nfrom kafka import KafkaConsumer\n"
        "consumer = KafkaConsumer(bootstrap_servers=os.environ['BOOTSTRAP'])\nprint('in', len(consumer.topics()) >= 0)\n"
    )
    with admitted(let_in(there), kafka_dirs) as access, Nursery() as nursery:
        for fork in (nursery, None):
            lines: list[str] = []
            with Program(
                script,
                env={"BOOTSTRAP": there.servers},
                on_line=lambda line, _, lines=lines: lines.append(line),  # type: ignore[misc]
                nursery=fork,
                access=access,
            ) as program:
                program.wait(Deadline(30))
            assert lines == ["in True"]


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"])
def test_other_logins_and_a_client_certificate(there: Secured, kafka_dirs: Dirs, mechanism: str) -> None:
    password = there.passwords["alice"]
    plain = f'org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="{password}";'
    own = {"sasl.mechanism": mechanism}
    if mechanism == "PLAIN":
        own |= {"sasl.jaas.config": plain}
        own |= {"ssl.certificate.location": str(there.certificate), "ssl.key.location": str(there.key)}
    elif mechanism == "OAUTHBEARER":
        own |= {"sasl.jaas.config": f'{BEARER} required unsecuredLoginStringClaim_sub="alice";'}
    with admitted(Connection(there.servers, there.properties("alice") | own), kafka_dirs) as access:
        with connected(there.servers, access) as kafka:
            assert len(kafka.use("ask", lambda admin: admin.describe_cluster())["brokers"]) == 3
        if mechanism != "SCRAM-SHA-256":
            assert brokers_that_java_sees(there.servers, access, kafka_dirs) == 3


def brokers_that_java_sees(servers: str, access: Access, home: Dirs) -> int:
    lines: list[str] = []
    tools = ToolRunner(servers, home, access=access)
    words = ["kafka-cluster", "list-endpoints"]
    assert tools.run(words, lambda line, _: lines.append(line), timeout=60) == 0
    return sum("127.0.0.1" in line for line in lines)


def test_a_tool_in_the_shell(there: Secured, kafka_home: Path, admin: Kafka) -> None:
    admin.create_topic("seen-by-java")
    words = ["-b", there.servers, "--command-config", there.file("alice"), "kafka-topics", "--", "--list"]
    done = subprocess.run([sys.executable, "-m", "tutor", "tools", *words], check=True, capture_output=True, text=True)
    assert "seen-by-java" in done.stdout
    admin.delete_topics(["seen-by-java"])


def test_every_lab_says_what_it_cannot_do_there(
    there: Secured, admin: Kafka, capfd: pytest.CaptureFixture[str]
) -> None:
    config = ("-b", there.servers, "--command-config", there.file("alice"))
    status, out, _ = cli(capfd, "lab", "list", *config, "--json")
    found = {row["lab"]: row["cannot"] for row in json.loads(out)}
    assert status == 0
    assert {number for number, cannot in found.items() if cannot} == {4, 7}
    assert "SIGKILL" in found[7][0]
    assert "neither TLS nor a login" in found[4][0]


# --- with few rights -------------------------------------------------------------------------------------------------


def test_the_missing_right_is_named_with_the_command_that_gives_it(
    there: Secured, admin: Kafka, capfd: pytest.CaptureFixture[str]
) -> None:
    config = ("-b", there.servers, "--command-config", there.file("bob"))
    status, _, err = cli(capfd, "lab", "run", "1", "--skip-lock", *predictions(1), *config)
    assert status == 2
    assert "You have no right to Delete on group kt-*." in err
    assert err.count("no right") == 1
    rule = "--add --allow-principal User:bob --operation Delete --group kt- --resource-pattern-type prefixed"
    assert rule in err


def test_without_any_rights_all_that_are_missing_are_named(there: Secured, kafka_dirs: Dirs, admin: Kafka) -> None:
    cluster = ExternalProvider(kafka_dirs, let_in(there, "carol")).start(ClusterSpec())
    try:
        missing = {str(right) for right in cluster.capabilities.missing}
    finally:
        cluster.stop()
    assert missing == {
        "Create on topic kt-*",
        "Read on group kt-*",
        "Describe on group kt-*",
        "Delete on group kt-*",
        "Read on topic __consumer_offsets",
        "Write on transactional-id kt-*",
        "DescribeConfigs on the cluster",
        "Describe on the cluster",
    }


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ({"sasl.jaas.config": "another password"}, "The cluster refused the login"),
        ({"ssl.truststore.location": "another authority"}, "The broker's certificate is not trusted"),
        ({"security.protocol": "SASL_PLAINTEXT"}, "The brokers speak TLS there"),
        ({"sasl.mechanism": "PLAIN"}, "sasl.mechanism and sasl.jaas.config do not fit"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_way_in_that_is_wrong(
    there: Secured, tmp_path: Path, capfd: pytest.CaptureFixture[str], others: dict[str, str], told: str
) -> None:
    own = there.properties("alice") | others
    if "another password" in own.values():
        own["sasl.jaas.config"] = there.properties("alice")["sasl.jaas.config"].replace('password="', 'password="x')
    if "another authority" in own.values():
        own["ssl.truststore.location"] = str(Authority(tmp_path, "stranger").file)
    if own["security.protocol"] == "SASL_PLAINTEXT":
        own = {name: value for name, value in own.items() if not name.startswith("ssl.")}
    config = tmp_path / "own.properties"
    config.touch(0o600)
    config.write_text("".join(f"{name}={value}\n" for name, value in own.items()))
    before = set(threading.enumerate())
    status, _, err = cli(capfd, "lab", "prove", "1", "-b", there.servers, "--command-config", str(config))
    assert told in err
    assert status == 2
    assert {thread.name for thread in set(threading.enumerate()) - before} == set()  # nobody goes on knocking


@pytest.mark.parametrize(
    ("servers", "told"),
    [
        ("127.0.0.1:1", "No broker can be reached"),
        ("192.0.2.1:9092", "--allow-remote"),
        ("no-such-host.invalid:1", "--allow-remote"),
    ],
)
def test_an_address_that_leads_nowhere(capfd: pytest.CaptureFixture[str], servers: str, told: str) -> None:
    status, _, err = cli(capfd, "lab", "run", "1", "--skip-lock", *predictions(1), "-b", servers)
    assert (status, told in err) == (2, True)


def test_what_a_crash_left_is_removed_once_the_login_is_given(
    there: Secured, admin: Kafka, kafka_dirs: Dirs, capfd: pytest.CaptureFixture[str]
) -> None:
    admin.create_topic("kt-1-crashed-payments")
    session = Session(1, "kt-1-crashed", Owner(1, 0.0), "external", there.servers, (), "now", True, True)
    write_session(lab_paths(kafka_dirs, 1), session)
    status, out, _ = cli(capfd, "lab", "clean")
    assert (status, "needs a login or TLS" in out) == (1, True)
    assert [owed.prefix for owed in uncleaned.everything(kafka_dirs)] == ["kt-1-crashed"]
    status, out, _ = cli(capfd, "lab", "clean", "-b", there.servers, "--command-config", there.file("alice"))
    assert (status, "removed kt-1-crashed-*" in out) == (0, True)
    assert uncleaned.everything(kafka_dirs) == []
