from __future__ import annotations

from tests.unit.users import plain_user  # noqa: F401
