"""Why a group was rebalanced, from the lines of a broker's log."""

from labs.coordinator import parse

ID = "kafka-python-3.0.12-54ea80f0-fd42-42f0-9c6c-52b07954ae22"
PLACE = "(org.apache.kafka.coordinator.group.GroupMetadataManager)"


def line(group: str, reason: str) -> str:
    begin = "[2026-01-01 10:00:00,000] INFO [GroupCoordinator id=1] Preparing to rebalance group"
    return f"{begin} {group} in state PreparingRebalance with old generation 2 (reason: {reason}). {PLACE}\n"


def test_reasons_of_one_group_without_ids() -> None:
    lines = [
        line("mine", f"explicit `LeaveGroup` request for ({ID}) members."),
        "Stabilized group mine generation 3 with 1 members.\n",
        line("other", "whatever"),
        line("mine", f"explicit `LeaveGroup` request for ({ID}, {ID}) members."),
        line("mine", f"removing member {ID} on heartbeat expiration."),
        line("mine", f"Adding new member {ID} with group instance id null; client reason: not provided"),
    ]
    assert parse(lines, "mine") == [
        "explicit `LeaveGroup` request for … members",
        "explicit `LeaveGroup` request for … members",
        "removing member … on heartbeat expiration",
        "Adding new member … with group instance id null; client reason: not provided",
    ]
