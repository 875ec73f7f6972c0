"""The JSON Schema of a pack, generated from `tutor.scenarios.model`.

`python -m tutor.scenarios.schema` writes `questions/schema.json`, for editors that complete and check YAML.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from tutor.scenarios.model import ExampleAnswer, Scenario
from tutor.scenarios.track import TrackEntry, questions_root


def schema() -> dict[str, Any]:
    """Schema of `scenario.yaml`; `$defs` also holds the front matter of examples and the entries of `track.yaml`."""
    _, definitions = msgspec.json.schema_components(
        (Scenario, ExampleAnswer, TrackEntry), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A question pack's scenario.yaml",
        "$ref": "#/$defs/Scenario",
        "$defs": definitions,
    }


def schema_of(name: str) -> dict[str, Any]:
    """Schema of one type: `Scenario`, `ExampleAnswer` or `TrackEntry`."""
    return {**schema(), "$ref": f"#/$defs/{name}"}


def schema_text() -> str:
    """The file's content."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file beside the packs."""
    file = questions_root() / "schema.json"
    file.write_text(schema_text(), encoding="utf-8")
    sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
