"""Text and YAML of a pack, read as data only: no tags, no aliases, bounded size and depth, and every key knows its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tutor.scenarios.faults import Broken, Fault, KeyPath, key_text

# The C parser reads a pack five times faster; PyYAML without libyaml has only the other.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_YAML_BYTES = 512 * 1024
"""Of `scenario.yaml` and `track.yaml`; the shipped ones have a tenth of it."""
MAX_TEXT_BYTES = 128 * 1024
"""Of one Markdown file."""
MAX_NUMBER = 40
"""Characters of a number: Python itself reads `0x…` of any length, and refuses to write it out again."""
MAX_DEPTH = 16
"""Of nested lists and maps; a scenario needs four."""

# libyaml's composer recurses in C without a bound: 100,000 of "[" or "- " end the process with a segmentation fault.
# Text that cannot be that deep (few brackets, no far indent) is spared the exact count, which costs half of a parse.
_FAR_INDENT = re.compile(r"^[ \t?:-]{200}", re.MULTILINE)
_MANY_BRACKETS = 500

_TOO_DEEP = "lists and maps are nested too deeply"
_NUMBER_TAGS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq"))


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document: its value, and its nodes for the line of each key."""

    file: Path
    value: Any
    root: yaml.Node | None

    def line(self, path: KeyPath) -> int:
        """Line of a key or, where it is missing, of the nearest parent that is there. Counted from 1."""
        node, line = self.root, _line(self.root)
        for part in path:
            found = _child(node, part)
            if found is None:
                break
            line, node = found
        return line

    def fault(self, path: KeyPath, message: str) -> Fault:
        """A fault of the value at `path`."""
        return Fault(self.file, self.line(path), key_text(path), message)


def _line(node: yaml.Node | yaml.Event | None) -> int:
    return node.start_mark.line + 1 if node is not None and node.start_mark is not None else 1


def _child(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode) and isinstance(part, str):
        for key, value in node.value:
            if key.value == part:
                return _line(key), value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
        return _line(node.value[part]), node.value[part]
    return None


def read_text(file: Path, limit: int, inside: Path) -> str:
    """The text of a file of a pack.

    Raises Broken where it is missing, outside the folder `inside` (a link), no regular file, longer than `limit` bytes,
    or not UTF-8.
    """
    try:
        if not file.exists():
            raise Broken(Fault(file, 0, "", "the file is missing"))
        if not file.resolve().is_relative_to(inside.resolve()):
            raise Broken(Fault(file, 0, "", "the file is a link to a place outside the pack"))
        if not file.is_file():
            raise Broken(Fault(file, 0, "", "this must be a file"))
        with file.open("rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Broken(Fault(file, 0, "", f"the file cannot be read: {reason}")) from error
    if len(data) > limit:
        raise Broken(Fault(file, 0, "", f"the file is larger than {limit // 1024} KiB, the limit"))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Broken(Fault(file, line, "", "the file is not UTF-8 text")) from error


def parse_yaml(file: Path, text: str, *, text_keys: bool = True) -> Document:
    """One YAML document. Raises Broken with every fault that does not depend on the schema.

    `text_keys`: every key must be text, as in all that authors write.
    """
    try:
        if _FAR_INDENT.search(text) or text.count("[") + text.count("{") > _MANY_BRACKETS:
            _refuse_depth(file, text)
        root, value = _compose(file, text, text_keys)
    except yaml.YAMLError as error:
        raise Broken(_yaml_fault(file, text, error)) from error
    except ValueError as error:
        raise Broken(Fault(file, 0, "", f"a number cannot be read: {error}")) from error
    except RecursionError as error:
        raise Broken(Fault(file, 0, "", _TOO_DEEP)) from error
    return Document(file, value, root)


def _refuse_depth(file: Path, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise Broken(Fault(file, _line(event), "", _TOO_DEEP))


def _compose(file: Path, text: str, text_keys: bool) -> tuple[yaml.Node, Any]:
    """Nodes first: what they must not hold (aliases, merges, tags) would do its harm while values are made."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise Broken(Fault(file, 1, "", "the file is empty"))
        if faults := tuple(_node_faults(file, root, text_keys)):
            raise Broken(*faults)
        return root, loader.construct_document(root)
    finally:
        loader.dispose()


def read_yaml(file: Path, inside: Path, *, text_keys: bool = True) -> Document:
    """Read and parse. Raises Broken."""
    return parse_yaml(file, read_text(file, MAX_YAML_BYTES, inside), text_keys=text_keys)


def _node_faults(file: Path, root: yaml.Node, text_keys: bool) -> Iterator[Fault]:
    """Aliases, tags, double keys and keys that are no text. Iterative: depth is hostile input."""
    seen: set[int] = set()
    stack: list[tuple[yaml.Node, KeyPath, int]] = [(root, (), _line(root))]
    while stack:
        node, path, line = stack.pop()
        if id(node) in seen:
            yield Fault(file, line, key_text(path), "aliases (*name) are not allowed: write the value out")
            continue
        seen.add(id(node))
        if node.tag not in _PLAIN_TAGS:
            yield Fault(file, line, key_text(path), _tag_message(node))
        elif len(path) > MAX_DEPTH:
            yield Fault(file, line, "", _TOO_DEEP)
        elif node.tag in _NUMBER_TAGS and len(node.value) > MAX_NUMBER:
            yield Fault(file, line, key_text(path), f"a number of {len(node.value)} characters is none of a pack's")
        else:
            if isinstance(node, yaml.MappingNode):
                yield from _key_faults(file, node, path, text_keys)
            stack.extend(reversed(_children(node, path)))


def _children(node: yaml.Node, path: KeyPath) -> list[tuple[yaml.Node, KeyPath, int]]:
    """Values of a list or map with their paths and lines; for a value of a map that is the line of its key."""
    if isinstance(node, yaml.SequenceNode):
        return [(child, (*path, index), _line(child)) for index, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return [(value, (*path, str(key.value)), _line(key)) for key, value in node.value]
    return []


def _key_faults(file: Path, node: yaml.MappingNode, path: KeyPath, text_keys: bool) -> Iterator[Fault]:
    lines: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or (text_keys and key.tag != "tag:yaml.org,2002:str"):
            shown = key.value if isinstance(key, yaml.ScalarNode) else "a list or map"
            yield Fault(file, _line(key), key_text(path), f"a key must be text, and {shown!r} is not: put it in quotes")
        elif key.value in lines:
            message = f"the key is there twice, first in line {lines[key.value]}"
            yield Fault(file, _line(key), key_text((*path, key.value)), message)
        else:
            lines[key.value] = _line(key)


def _tag_message(node: yaml.Node) -> str:
    name = str(node.tag).removeprefix("tag:yaml.org,2002:")
    if name == "timestamp":
        return "YAML reads this as a date: put it in quotes"
    return f"the tag {name!r} is not allowed: a pack holds plain data only"


def _yaml_fault(file: Path, text: str, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return Fault(file, mark.line + 1, "", f"broken YAML: {_problem(error)}")
    position = getattr(error, "position", None)
    if isinstance(position, int):
        # libyaml counts bytes, the Python reader characters: bytes are right for both where the text is ASCII so far.
        line = text.encode()[:position].count(b"\n") + 1
        return Fault(file, line, "", "a control character is in the text: remove it")
    return Fault(file, 0, "", f"broken YAML: {error}")


def _problem(error: yaml.YAMLError) -> str:
    problem = str(getattr(error, "problem", None) or error)
    if "\\t" in problem or "tab" in problem:
        return "a tab indents this line: use spaces"
    context = getattr(error, "context", None)
    return f"{context}: {problem}" if context else problem
