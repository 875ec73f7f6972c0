"""The training itself: batches of like length, AdamW with warm-up, and cross-fitting that finds missing labels."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from tutor.grading.corpus import Statement
from tutor.grading.encoder import LONGEST
from tutor.grading.train.network import Network, load
from tutor.grading.train.pairs import ASSERTS, DENIES, NEITHER, Material, Pair, epoch, stances
from tutor.grading.train.progress import Progress
from tutor.grading.wordpiece import CLS, SEP, WordPiece

WARM_UP = 0.06
SMOOTHING = 0.05
BUCKET = 50
"""So many batches are sorted by length together."""
FOLDS = 3
SURE, DOUBT = 0.9, 0.5
"""From DOUBT on a stance that no label knows is left out of the negatives; from SURE on it is learnt."""
TELL = 100
"""Steps from one line of progress to the next, and from one state that is kept to the next."""
Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """How to train."""

    seed: int = 3
    epochs: int = 8
    fold_epochs: int = 4
    learning_rate: float = 1.2e-4
    batch: int = 64
    half: bool = False
    """Multiply in bfloat16; weights and sums stay float32."""
    most_steps: int | None = None
    """Stop each training after so many steps: to try the command."""


class Trainer:
    """Trains networks from one start."""

    def __init__(
        self, start: Mapping[str, Any], tokens: WordPiece, settings: Settings, say: Say, progress: Progress
    ) -> None:
        self._start, self._tokens, self._settings, self._say = start, tokens, settings, say
        self._progress = progress
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self.steps = 0
        self.pairs = 0
        self.seconds = 0.0

    def fit(self, material: Material, epochs: int, name: str) -> Network:
        """Train on all of the material; one of this name that was stopped goes on where it was last kept."""
        settings = self._settings
        torch.manual_seed(settings.seed)
        rng = random.Random(settings.seed)
        network = self.started()
        network.train()
        optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=0.01)
        planned = max(1, len(epoch(material, random.Random(0))) * epochs // settings.batch)
        planned = min(planned, settings.most_steps or planned)
        first, before = self._progress.restore(name, network, optimiser)
        if first:
            self._say(f"{name}: goes on from step {first} of {planned}")
        began, step, loss = time.monotonic() - before, 0, 0.0
        for number in range(epochs):
            for batch in self._batches(epoch(material, rng), rng):
                if step >= planned:
                    break
                if step < first:
                    step, self.pairs = step + 1, self.pairs + len(batch)
                    continue
                for group in optimiser.param_groups:
                    group["lr"] = settings.learning_rate * _rate(step, planned)
                loss = self._step(network, optimiser, batch)
                step += 1
                self.pairs += len(batch)
                if step % TELL == 0 or step == planned:
                    taken = time.monotonic() - began
                    left = taken / step * (planned - step)
                    self._progress.keep(name, network, optimiser, step, taken)
                    self._say(
                        f"{name}, epoch {number + 1} of {epochs}: step {step} of {planned}, loss {loss:.3f}, {taken:.0f} s, {left:.0f} to go"
                    )
        self.steps += step
        self.seconds += time.monotonic() - began
        return network

    def _step(self, network: Network, optimiser: Any, batch: Sequence[Pair]) -> float:
        with torch.autocast(self._device, torch.bfloat16, enabled=self._settings.half):
            values = network(*self._tensors(batch))
        target = torch.tensor([pair.stance for pair in batch], device=self._device)
        weight = torch.tensor([pair.weight for pair in batch], device=self._device)
        each = nn.functional.cross_entropy(values.float(), target, reduction="none", label_smoothing=SMOOTHING)
        loss = (each * weight).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        return float(loss.item())

    def started(self) -> Network:
        """The network as it is before any training."""
        network = Network()
        load(network, self._start)
        network.to(self._device)
        return network

    def chances(self, network: Network, pairs: Sequence[Pair]) -> Any:
        """Probabilities of the three stances, pairs × 3."""
        network.eval()
        found = np.zeros((len(pairs), 3), dtype=np.float32)
        order = sorted(range(len(pairs)), key=lambda index: len(pairs[index].text))
        with torch.no_grad(), torch.autocast(self._device, torch.bfloat16, enabled=self._settings.half):
            for start in range(0, len(order), 128):
                rows = order[start : start + 128]
                found[rows] = network(*self._tensors([pairs[row] for row in rows])).float().softmax(1).cpu().numpy()
        return found

    def _batches(self, pairs: Sequence[Pair], rng: random.Random) -> Iterator[Sequence[Pair]]:
        size = self._settings.batch
        for start in range(0, len(pairs), size * BUCKET):
            near = sorted(pairs[start : start + size * BUCKET], key=lambda pair: len(pair.text) + len(pair.definition))
            batches = [near[index : index + size] for index in range(0, len(near), size)]
            rng.shuffle(batches)
            yield from batches

    def _tensors(self, pairs: Sequence[Pair]) -> tuple[Any, Any, Any]:
        rows = [self._encode(pair) for pair in pairs]
        width = max(len(ids) for ids, _ in rows)
        ids = torch.zeros((len(rows), width), dtype=torch.long)
        mask, kinds = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, (numbers, left) in enumerate(rows):
            ids[row, : len(numbers)] = torch.tensor(numbers)
            mask[row, : len(numbers)] = 1
            kinds[row, left : len(numbers)] = 1
        return ids.to(self._device), mask.to(self._device), kinds.to(self._device)

    def _encode(self, pair: Pair) -> tuple[list[int], int]:
        right = self._tokens.encode(pair.definition)
        left = self._tokens.encode(pair.text)[: max(0, LONGEST - 3 - len(right))]
        return [CLS, *left, SEP, *right, SEP], len(left) + 2


def _rate(step: int, planned: int) -> float:
    return min(1.0, (step + 1) / (WARM_UP * planned + 1)) * max(0.05, 1.0 - step / planned)


Missing = dict[tuple[str, str], int | None]
"""Text and id → the stance that no label says; None: left out of the negatives."""
Chances = Callable[[Sequence[tuple[str, str]]], Any]
"""Texts and definitions → probabilities of the three stances, pairs × 3."""


def missing_labels(trainer: Trainer, material: Material, epochs: int) -> Missing:
    """Stances that models find which have not seen the statement, and that no label says."""
    found: Missing = {}
    for fold in range(FOLDS):
        kept = [row for index, row in enumerate(material.statements) if index % FOLDS != fold]
        network = trainer.fit(dataclasses.replace(material, statements=kept), epochs, f"fold {fold + 1}")

        def chances(pairs: Sequence[tuple[str, str]], network: Network = network) -> Any:
            return trainer.chances(network, [Pair(text, definition, NEITHER, 1.0) for text, definition in pairs])

        found |= unlabelled(chances, material, material.statements[fold::FOLDS])
    return found


def unlabelled(chances: Chances, material: Material, rows: Sequence[Statement]) -> Missing:
    """Stances of these statements that a model finds and no label says: a model that was trained without these pairs."""
    asked = [
        (row, name, text)
        for row in rows
        for name, text in material.definitions[row.scenario].items()
        if name not in stances(row)
    ]
    found: Missing = {}
    for (row, name, _), chance in zip(asked, chances([(row.text, text) for row, _, text in asked]), strict=True):
        if chance[ASSERTS] > DOUBT or chance[DENIES] > DOUBT:
            found[row.text, name] = ASSERTS if chance[ASSERTS] > SURE else None
    return found


def accuracy(trainer: Trainer, network: Network, pairs: Sequence[Pair]) -> dict[str, float]:
    """Precision and recall of each stance on pairs that were kept back."""
    said = trainer.chances(network, pairs).argmax(axis=1)
    there = np.array([pair.stance for pair in pairs])
    figures: dict[str, float] = {}
    for stance, name in ((ASSERTS, "asserts"), (DENIES, "denies"), (NEITHER, "neither")):
        right = float(((said == stance) & (there == stance)).sum())
        figures[f"{name} precision"] = round(right / max(1, int((said == stance).sum())), 3)
        figures[f"{name} recall"] = round(right / max(1, int((there == stance).sum())), 3)
    return figures
