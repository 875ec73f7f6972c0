from __future__ import annotations

import subprocess
import sys

import jsonschema

from tests.packs import scenario_data
from tutor.scenarios.schema import schema, schema_of, schema_text
from tutor.scenarios.track import questions_root


def test_the_file_is_what_the_model_says() -> None:
    file = questions_root() / "schema.json"
    assert file.read_text(encoding="utf-8") == schema_text(), "run: python -m tutor.scenarios.schema"


def test_it_is_a_schema_and_accepts_a_pack() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(scenario_data(), schema_of("Scenario"))


def test_reading_whole_packs_needs_no_jsonschema() -> None:
    program = (
        "import sys; from tutor.scenarios.packs import load_all; load_all();"
        "sys.exit('jsonschema' in sys.modules or 'rapidfuzz' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
