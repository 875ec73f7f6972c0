"""The committed lock."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from labs.broker.lock import KAFKA_VERSION, LOCK_FILE, Lock, committed_lock, format_lock, parse_lock


def test_the_committed_lock_reads_back_as_it_was_written() -> None:
    assert format_lock(committed_lock()) == LOCK_FILE.read_text()
    assert parse_lock(format_lock(committed_lock())) == committed_lock()


def test_every_jar_has_its_size_and_hash() -> None:
    for jar in committed_lock().jars:
        assert jar.size > 1000, jar
        assert re.fullmatch(r"[0-9a-f]{64}", jar.sha256), jar


def test_one_version_of_each_artifact_and_one_version_of_kafka() -> None:
    jars = committed_lock().jars
    assert Counter(jar.artifact for jar in jars).most_common(1)[0][1] == 1
    assert {jar.version for jar in jars if jar.group == "org.apache.kafka"} == {KAFKA_VERSION}


def test_what_nothing_here_needs_is_not_there() -> None:
    assert not [jar for jar in committed_lock().jars if "jetty" in jar.group or "jersey" in jar.group]


def test_the_digest_changes_with_any_jar() -> None:
    lock = committed_lock()
    other = Lock((replace(lock.jars[0], sha256="0" * 64), *lock.jars[1:]))
    assert other.digest != lock.digest


def test_the_path_in_a_repository() -> None:
    (jar,) = [jar for jar in committed_lock().jars if jar.artifact == "kafka-clients"]
    assert jar.path == f"org/apache/kafka/kafka-clients/{KAFKA_VERSION}/kafka-clients-{KAFKA_VERSION}.jar"
