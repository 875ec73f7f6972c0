"""The labs, one module each, found by name: `lab01_idle_consumer.py` is lab 1. Only the one asked for is imported.

What a lab says (its `LabInfo` and why its facts are so) is in `text01.py`, which loads without the Kafka client.
Labs of packs by others have numbers from `added.FIRST` and come from `labs.added`, which loads only what is trusted.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from typing import cast

from labs import added
from labs.contract import Lab, LabInfo
from labs.errors import UnknownLab

_MODULE = re.compile(r"lab(\d\d)_\w+")


@functools.cache
def _modules() -> dict[int, str]:
    found = ((_MODULE.fullmatch(module.name), module.name) for module in pkgutil.iter_modules(__path__))
    return {int(match[1]): name for match, name in sorted(found, key=lambda pair: pair[1]) if match}


def shipped() -> tuple[int, ...]:
    """The numbers of this release's own labs, ascending."""
    return tuple(_modules())


def numbers() -> tuple[int, ...]:
    """The numbers of the labs there are, ascending: those that ship, and those of packs that are trusted."""
    return (*shipped(), *added.numbers())


def info(number: int) -> LabInfo:
    """What is known of a lab before it runs; much quicker than `load(number).info`. Raises UnknownLab, LabError."""
    if number >= added.FIRST:
        return added.info(number)
    _module(number)
    return cast(LabInfo, importlib.import_module(f"{__name__}.text{number:02}").INFO)


def load(number: int) -> Lab:
    """One lab. Raises UnknownLab, LabError."""
    if number >= added.FIRST:
        return added.load(number)
    return cast(Lab, importlib.import_module(f"{__name__}.{_module(number)}").LAB)


def _module(number: int) -> str:
    name = _modules().get(number)
    if name is None:
        known = ", ".join(map(str, numbers()))
        raise UnknownLab(
            f"There is no lab {number}", f"This release has the labs {known}.", "Run: kafka-tutor lab list"
        )
    return name
