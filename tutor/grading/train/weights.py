"""Weights in and out of the int8 ONNX model: the graph that ships is the template, only its numbers change.

So nothing has to be exported from PyTorch: the quantised graph stays as it is, node for node, and a training can start from it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

PREFIX = "m."
LARGEST = 64
"""Largest weight as an integer. Where a processor has no VNNI, two products of a weight and an activation (up to 255) are
added in 16 bits: 2 × 64 × 255 fits, 2 × 127 × 255 overflows, and the grade would depend on the processor."""
Arrays = dict[str, Any]
"""Name as in the network → numpy array."""


def from_onnx(file: Path) -> Arrays:
    """The weights of an int8 model, as floats."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(file)).graph
    values = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    found = {name.removeprefix(PREFIX): value for name, value in values.items() if _is_plain(name)}
    for name, stem in _quantised(graph).items():
        scale, zero = values[f"{stem}_scale"], values[f"{stem}_zero_point"].astype(np.float32)
        value = (values[f"{stem}_quantized"].astype(np.float32) - zero) * scale
        found[name] = value if "embeddings" in name else value.T
    return found


def to_onnx(weights: Mapping[str, Any], template: Path, file: Path) -> None:
    """Write the weights into the graph of the template, quantised: seven bits a column, embeddings uint8 in all."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(template))
    new: Arrays = {PREFIX + name: weights[name] for name in weights if _is_plain(PREFIX + name)}
    for name, stem in _quantised(model.graph).items():
        quantise = _as_uint8 if "embeddings" in name else _as_int8
        value = weights[name] if "embeddings" in name else weights[name].T
        new |= {f"{stem}_{part}": array for part, array in quantise(np.asarray(value, dtype=np.float32)).items()}
    for item in model.graph.initializer:
        if item.name in new:
            before = numpy_helper.to_array(item)
            array = np.asarray(new[item.name]).astype(before.dtype).reshape(before.shape)
            item.CopyFrom(numpy_helper.from_array(array, item.name))
    onnx.save(model, str(file))


def _is_plain(name: str) -> bool:
    return name.startswith(PREFIX) and name.endswith((".weight", ".bias"))


def _quantised(graph: Any) -> dict[str, str]:
    """Name of a quantised weight → stem of its initialisers. A matrix is known by the bias that is added after it."""
    stems = [item.name.removesuffix("_quantized") for item in graph.initializer if item.name.endswith("_quantized")]
    found = {stem.removeprefix(PREFIX): stem for stem in stems if stem.startswith(PREFIX)}
    users: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    for stem in stems:
        if not stem.startswith(PREFIX):
            found[_name_of(f"{stem}_quantized", users)] = stem
    return found


def _name_of(initialiser: str, users: Mapping[str, list[Any]]) -> str:
    """Follow what is computed from a matrix until a bias is added."""
    node = users[initialiser][0]
    for _ in range(8):
        bias = next((name for name in node.input if name.startswith(PREFIX) and name.endswith(".bias")), None)
        if bias is not None:
            return str(bias).removeprefix(PREFIX).removesuffix("bias") + "weight"
        node = users[node.output[0]][0]
    raise ValueError(f"no bias is added to what {initialiser} makes: another kind of graph")


def _as_int8(value: Any) -> Arrays:
    scale = np.maximum(np.abs(value).max(axis=0), 1e-12) / LARGEST
    return {
        "quantized": np.clip(np.rint(value / scale), -LARGEST, LARGEST),
        "scale": scale.astype(np.float32),
        "zero_point": np.zeros_like(scale),
    }


def _as_uint8(value: Any) -> Arrays:
    low, high = min(float(value.min()), 0.0), max(float(value.max()), 0.0)
    scale = max((high - low) / 255.0, 1e-12)
    zero = round(-low / scale)
    return {"quantized": np.clip(np.rint(value / scale) + zero, 0, 255), "scale": np.float32(scale), "zero_point": zero}


def from_base(folder: Path) -> Arrays:
    """The weights of all-MiniLM-L6-v2: `model.safetensors` in its folder."""
    data = (folder / "model.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    found: Arrays = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = (8 + size + offset for offset in entry["data_offsets"])
            found[f"b.{name}"] = np.frombuffer(data[start:end], dtype=np.float32).reshape(entry["shape"]).copy()
    return found
