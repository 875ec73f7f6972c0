"""Whether a lab can run on a cluster that was not started for it, and in words why not."""

from __future__ import annotations

from labs.broker.capabilities import Capabilities, Verdict, judge
from labs.broker.interface import Cluster
from labs.contract import LabInfo
from labs.errors import NotOnThisCluster


def verdict(info: LabInfo, found: Capabilities) -> Verdict:
    """What a lab can do on a cluster of which this was found out."""
    return judge(info.needs, found)


def require(info: LabInfo, cluster: Cluster) -> tuple[str, ...]:
    """What is doubtful about running it there, a sentence each. Raises NotOnThisCluster where it cannot run."""
    found = verdict(info, cluster.capabilities)
    if found.cannot:
        user = str(cluster.access.client.get("sasl_plain_username") or "YOU")
        raise NotOnThisCluster(
            f"Lab {info.number} cannot run on your cluster at {cluster.bootstrap_servers}",
            " ".join(found.cannot),
            _next_step(found, user),
        )
    return found.doubts


def _next_step(found: Verdict, user: str) -> str:
    if len(found.rights) < len(found.cannot):
        return "Leave out -b (or add --broker embedded): the lab then starts a cluster of its own."
    return "An administrator gives what is missing with: " + "; ".join(right.rule(user) for right in found.rights)


def told(cluster: Cluster) -> str:
    """A cluster that was not started for the lab, in one line: where it is, what it is, and who is let in."""
    found, brokers, protocol = cluster.capabilities, len(cluster.nodes), cluster.access.protocol
    version = f"Kafka {found.version}, " if found.version else ""
    line = f"Your own cluster at {cluster.bootstrap_servers}: {version}{brokers} broker{'s' if brokers != 1 else ''}, {protocol}"
    return f"{line}; your programs and the tools are let in as you are" if cluster.access.java else line
