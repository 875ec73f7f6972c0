"""The cross-encoder in plain PyTorch: MiniLM with six layers, and three classes on its first and its mean vector."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

WIDTH, LAYERS, HEADS, INNER = 384, 6, 12, 1536
VOCABULARY, POSITIONS = 30522, 512
DROPOUT = 0.1
EPSILON = 1e-12


class Attention(nn.Module):  # type: ignore[misc]  # PyTorch is no part of the development environment
    """Self-attention, its output, and the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.self = nn.ModuleDict({name: nn.Linear(WIDTH, WIDTH) for name in ("query", "key", "value")})
        self.output = nn.ModuleDict({"dense": nn.Linear(WIDTH, WIDTH), "LayerNorm": nn.LayerNorm(WIDTH, EPSILON)})

    def forward(self, x: Any, mask: Any) -> Any:
        """`x`: batch × tokens × width."""
        batch, tokens, _ = x.shape
        parts = {n: m(x).view(batch, tokens, HEADS, -1).transpose(1, 2) for n, m in self.self.items()}
        scores = parts["query"] @ parts["key"].transpose(-1, -2) / math.sqrt(WIDTH // HEADS) + mask
        chances = nn.functional.dropout(scores.softmax(-1), DROPOUT, self.training)
        joined = (chances @ parts["value"]).transpose(1, 2).reshape(batch, tokens, WIDTH)
        return self.output["LayerNorm"](x + nn.functional.dropout(self.output["dense"](joined), DROPOUT, self.training))


class Layer(nn.Module):  # type: ignore[misc]  # PyTorch is no part of the development environment
    """Attention and the two dense layers after it."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(WIDTH, INNER)})
        self.output = nn.ModuleDict({"dense": nn.Linear(INNER, WIDTH), "LayerNorm": nn.LayerNorm(WIDTH, EPSILON)})

    def forward(self, x: Any, mask: Any) -> Any:
        """`x`: batch × tokens × width."""
        x = self.attention(x, mask)
        inner = self.output["dense"](nn.functional.gelu(self.intermediate["dense"](x)))
        return self.output["LayerNorm"](x + nn.functional.dropout(inner, DROPOUT, self.training))


class Body(nn.Module):  # type: ignore[misc]  # PyTorch is no part of the development environment
    """Embeddings and layers, with the names that the base model and the ONNX graph use."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": nn.Embedding(VOCABULARY, WIDTH),
                "position_embeddings": nn.Embedding(POSITIONS, WIDTH),
                "token_type_embeddings": nn.Embedding(2, WIDTH),
                "LayerNorm": nn.LayerNorm(WIDTH, EPSILON),
            }
        )
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList([Layer() for _ in range(LAYERS)])})

    def forward(self, ids: Any, mask: Any, kinds: Any) -> Any:
        """Vectors of all tokens."""
        part = self.embeddings
        places = torch.arange(ids.shape[1], device=ids.device)
        x = part["word_embeddings"](ids) + part["position_embeddings"](places) + part["token_type_embeddings"](kinds)
        x = nn.functional.dropout(part["LayerNorm"](x), DROPOUT, self.training)
        hidden = (1.0 - mask[:, None, None, :].float()) * -1e9
        for layer in self.encoder["layer"]:
            x = layer(x, hidden)
        return x


class Network(nn.Module):  # type: ignore[misc]  # PyTorch is no part of the development environment
    """Asserts, denies, takes no stance: values before the softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.b = Body()
        self.c = nn.Linear(2 * WIDTH, 3)

    def forward(self, ids: Any, mask: Any, kinds: Any) -> Any:
        """Batch × 3."""
        x = self.b(ids, mask, kinds)
        share = mask.unsqueeze(-1).float()
        mean = (x * share).sum(1) / share.sum(1)
        return self.c(nn.functional.dropout(torch.cat([x[:, 0], mean], 1), DROPOUT, self.training))


def load(network: Network, weights: Mapping[str, Any]) -> None:
    """Take weights by name; the classes may be missing (a base model), nothing else. Raises ValueError."""
    wanted = network.state_dict()
    lacking = [name for name in wanted if name not in weights and not name.startswith("c.")]
    if lacking:
        raise ValueError(f"the weights lack {lacking[0]} and {len(lacking) - 1} more")
    network.load_state_dict({n: torch.tensor(np.asarray(weights[n])) for n in wanted if n in weights}, strict=False)


def arrays(network: Network) -> dict[str, Any]:
    """The weights by name."""
    return {name: value.detach().cpu().numpy() for name, value in network.state_dict().items()}
