"""Segment files on disk."""

from pathlib import Path

from labs.segments import Segment, segments


def test_segments_of_one_topic(tmp_path: Path) -> None:
    for folder, file, size in (
        ("clicks-0", "00000000000000000000.log.deleted", 10),
        ("clicks-0", "00000000000000000045.log", 20),
        ("clicks-0", "00000000000000000045.index", 99),
        ("clicks-0", "leader-epoch-checkpoint", 5),
        ("clicks-1", "00000000000000000000.log", 30),
        ("clicks-old-0", "00000000000000000000.log", 40),
        ("clicks-0.abc-delete", "00000000000000000000.log", 50),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / file).write_bytes(b"x" * size)
    assert segments([tmp_path], "clicks") == [
        Segment(0, 0, 10, deleted=True),
        Segment(0, 45, 20),
        Segment(1, 0, 30),
    ]


def test_no_folder_no_segments(tmp_path: Path) -> None:
    assert segments([tmp_path / "nowhere"], "clicks") == []
    assert segments([], "clicks") == []
