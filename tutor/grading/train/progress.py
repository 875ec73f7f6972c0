"""The state of trainings on disk: they take hours, and one that was stopped goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn


class Progress:
    """Keeps the state of each training in a file of its own, for the same data and settings only."""

    def __init__(self, folder: Path, made_of: str) -> None:
        """`made_of`: of what the trainings are made; a state that was made of anything else is not gone on from."""
        self._folder, self._made_of = folder, made_of

    def restore(self, name: str, network: nn.Module, optimiser: Any) -> tuple[int, float]:
        """Set both to the kept state, and the generator of random numbers; returns the steps and seconds it took, 0 if none."""
        file = self._file(name)
        if not file.exists():
            return 0, 0.0
        state = torch.load(file, weights_only=True)
        if state["made of"] != self._made_of:
            return 0, 0.0
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])
        return int(state["steps"]), float(state["seconds"])

    def keep(self, name: str, network: nn.Module, optimiser: Any, steps: int, seconds: float) -> None:
        """Write the state after so many steps and seconds: whole, or not at all."""
        file = self._file(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "made of": self._made_of,
            "steps": steps,
            "seconds": seconds,
            "network": network.state_dict(),
            "optimiser": optimiser.state_dict(),
            "random": torch.get_rng_state(),
        }
        new = file.with_suffix(".new")
        torch.save(state, new)
        new.replace(file)

    def forget(self) -> None:
        """Remove what is kept."""
        for file in self._folder.glob("training *"):
            file.unlink()

    def _file(self, name: str) -> Path:
        return self._folder / f"training {name}.pt"
