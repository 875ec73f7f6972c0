"""The cross-encoder: (window, definition) → asserts, denies, takes no stance."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tutor.errors import GraderUnavailable
from tutor.grading.wordpiece import CLS, SEP, WordPiece

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 176
"""Tokens of a pair, as in training; the window is cut, never the definition."""
BATCH = 4
"""Pairs in one run of the model; larger batches are slower on two cores (padding, cache)."""

NO_TELEMETRY = {"ORT_DISABLE_TELEMETRY": "1", "ORT_TELEMETRY_DISABLED": "1"}
"""ONNX Runtime 1.28 and later tells its maker how it is used, and keeps an id on the disk, unless it is told not to before
it is imported. Both names: they differ between versions."""


class CrossEncoder:
    """The int8 model in ONNX Runtime, on the CPU. Nothing is ever fetched."""

    def __init__(self, model: Path, vocabulary: Path, threads: int = 2) -> None:
        """Load it; `threads` batches are read at a time. Raises GraderUnavailable."""
        self._tokens, self._session = _load(model, vocabulary)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="encoder")
        self._ids: dict[str, list[int]] = {}

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """One row a pair: P(asserts), P(denies), P(no stance)."""
        encoded = [self._pair(window, definition) for window, definition in pairs]
        result = np.zeros((len(pairs), 3), dtype=np.float32)
        order = sorted(range(len(pairs)), key=lambda index: len(encoded[index][0]))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        batches.reverse()  # the longest first: the last one to end is short
        runs = self._pool.map(self._run, ([encoded[index] for index in chosen] for chosen in batches))
        for chosen, values in zip(batches, runs, strict=True):
            result[chosen] = values
        return result

    def _pair(self, window: str, definition: str) -> tuple[list[int], int]:
        """Ids of a pair and how many of them belong to the window."""
        right = self._encode(definition)
        left = self._encode(window)[: max(0, LONGEST - 3 - len(right))]
        return [CLS, *left, SEP, *right, SEP], len(left) + 2

    def _encode(self, text: str) -> list[int]:
        known = self._ids.get(text)
        if known is None:
            if len(self._ids) > 5_000:
                self._ids.clear()
            known = self._ids[text] = self._tokens.encode(text)
        return known

    def _run(self, batch: Sequence[tuple[list[int], int]]) -> NDArray[np.float32]:
        width = max(len(ids) for ids, _ in batch)
        ids = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        segments = np.zeros_like(ids)
        for row, (numbers, left) in enumerate(batch):
            ids[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
            segments[row, left : len(numbers)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}
        output: NDArray[np.float32] = self._session.run(["p"], feed)[0]
        return output


def _load(model: Path, vocabulary: Path) -> tuple[WordPiece, Any]:
    """One thread a run: batches side by side need half the CPU time of several threads that share one small batch."""
    try:
        os.environ.update(NO_TELEMETRY)
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        return WordPiece.load(vocabulary), session
    except Exception as error:  # ONNX Runtime raises its own types, and ImportError where it has no wheel
        raise GraderUnavailable(
            "The grader model cannot be loaded",
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else model}",
            "Run `kafka-tutor doctor`, or grade with keywords: `--grader keywords`.",
        ) from error
