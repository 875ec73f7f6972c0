"""The nodes of docker/compose.yaml, with the settings that labs count on: `python -m labs.broker.containers.compose`."""

from __future__ import annotations

from pathlib import Path

from labs.broker.containers.plan import Place, properties
from labs.broker.interface import ClusterSpec
from labs.broker.settings import NodePlan, Ports, properties_text

FOLDER = Path(__file__).parents[3] / "docker" / "kafka"
FIRST_PORT = 19092
"""On this machine's loopback: node N has FIRST_PORT + N - 1."""
DATA = "/var/lib/kafka/data/kraft"
HEAD = "# Made by `python -m labs.broker.containers.compose` from the labs' own settings: change them there.\n"
WHERE = [Place(number, f"kafka-{number}") for number in (1, 2, 3)]


def files() -> dict[str, str]:
    """File name → content."""
    plans = [NodePlan(place.id, Ports(FIRST_PORT + place.id - 1, 0), Path(), Path()) for place in WHERE]
    return {f"node-{plan.id}.properties": HEAD + _text(plan, plans) for plan in plans}


def _text(plan: NodePlan, plans: list[NodePlan]) -> str:
    return properties_text({**properties(plan, plans, WHERE, ClusterSpec(nodes=3)), "log.dirs": DATA})


def main() -> None:
    """Write the files."""
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
