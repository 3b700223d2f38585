"""YAML that an official edits, read with the line of every value: a mistake is told with file and line.

Stricter than YAML: duplicate keys, anchors and aliases, octal or sexagesimal numbers, fractions and instants
are refused, because in a file of dated law each of them is a slip of the pen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

import yaml

_TAG = "tag:yaml.org,2002:"
DEEPEST = 32
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")


class FileError(Exception):
    """A data file is wrong; the text says file, line and what to do, Chinese first."""


class _Loader(yaml.SafeLoader):
    """A SafeLoader without aliases and endless depth; of booleans only true and false: `on` and `no` are words."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="不允许引用（*），请写全 / aliases are not allowed; write it out",
                problem_mark=event.start_mark,
            )
        if self.depth == DEEPEST:
            raise yaml.MarkedYAMLError(
                problem=f"嵌套不得超过 {DEEPEST} 层 / nested deeper than {DEEPEST} levels",
                problem_mark=self.peek_event().start_mark,  # type: ignore[no-untyped-call]
            )
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != f"{_TAG}bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(f"{_TAG}bool", re.compile("^(?:true|false)$"), ["t", "f"])


@dataclass(frozen=True, slots=True)
class Located:
    """A value and where it stands: a scalar, a mapping of keys to located values, or a list of them."""

    value: Any
    path: Path
    line: int
    error: type[FileError]

    def fail(self, chinese: str, english: str) -> NoReturn:
        """Raise the file's error at this line; both texts say what is wrong and what to do."""
        raise self.error(f"{self.path}:{self.line}: {chinese} / {english}")

    def mapping(self) -> dict[Any, Located]:
        """Return the mapping that stands here."""
        if not isinstance(self.value, dict):
            self.fail("此处应为键值对", "a mapping of keys to values belongs here")
        return self.value

    def section(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Located]:
        """Return the mapping that stands here, with all `required` and no other than the `optional` keys."""
        mapping = self.mapping()
        allowed = [*required, *optional]
        for key, value in mapping.items():
            if key not in allowed:
                value.fail(
                    f"未知的键 {key!r}，可用：{'、'.join(allowed)}",
                    f"unknown key {key!r}; known are {', '.join(allowed)}",
                )
        for key in required:
            if key not in mapping:
                self.fail(f"缺少 {key}，请补上", f"{key} is missing; add it")
        return mapping

    def sequence(self) -> list[Located]:
        """Return the list that stands here."""
        if not isinstance(self.value, list):
            self.fail("此处应为列表", "a list belongs here")
        return self.value

    def text(self) -> str:
        """Return the text that stands here, not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(
                f"此处应为文字，而不是 {self.shown()}；数字请加引号",
                f"text belongs here, not {self.shown()}; put digits in quotes",
            )
        return self.value

    def boolean(self) -> bool:
        """Return the true or false that stands here."""
        if not isinstance(self.value, bool):
            self.fail(
                f"此处应为 true 或 false，而不是 {self.shown()}",
                f"true or false belongs here, not {self.shown()}",
            )
        return self.value

    def whole(self, lowest: int, highest: int) -> int:
        """Return the whole number that stands here, from `lowest` to `highest`."""
        if type(self.value) is not int or not lowest <= self.value <= highest:
            self.fail(
                f"此处应为 {lowest} 至 {highest} 的整数，而不是 {self.shown()}",
                f"a whole number from {lowest} to {highest} belongs here, not {self.shown()}",
            )
        return self.value

    def day(self) -> date:
        """Return the date that stands here."""
        if not isinstance(self.value, date):
            self.fail(
                f"此处应为日期（如 2025-01-01），而不是 {self.shown()}",
                f"a date such as 2025-01-01 belongs here, not {self.shown()}",
            )
        return self.value

    def choice(self, choices: Iterable[str]) -> str:
        """Return the one of `choices` that stands here."""
        choices = list(choices)
        if not isinstance(self.value, str) or self.value not in choices:
            self.fail(
                f"{self.shown()} 不可用，可用：{'、'.join(choices)}",
                f"{self.shown()} is not known; known are {', '.join(choices)}",
            )
        return self.value

    def shown(self) -> str:
        """Return the value as a message shows it."""
        if isinstance(self.value, dict | list):
            return "一组值 (a collection)"
        words = {True: "true", False: "false", None: "null"}
        return words[self.value] if self.value is None or isinstance(self.value, bool) else repr(self.value)


def read_yaml(path: Path, error: type[FileError]) -> Located:
    """Return the one document of the file at `path`; raises `error` with file and line if it is wrong."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise error(f"{path}:1: 无法读取 / cannot be read: {problem.strerror}") from problem
    return read_document(content, path, error)


def read_document(content: bytes, path: Path, error: type[FileError]) -> Located:
    """Return the one document in the bytes of a file; `path` is what its faults call it. Raises as `read_yaml`."""
    loader = None
    try:
        loader = _Loader(content.decode("utf-8"))
        node = loader.get_single_node()
        if node is None:
            raise error(f"{path}:1: 文件为空 / the file is empty")
        return _Builder(loader, path, error).located(node)
    except UnicodeDecodeError as problem:
        raise error(f"{path}:1: 文件不是 UTF-8 编码 / the file is not UTF-8") from problem
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 1
        raise error(f"{path}:{line}: YAML 格式有误 / not valid YAML: {problem.problem}") from problem
    except yaml.YAMLError as problem:
        raise error(f"{path}:1: YAML 格式有误 / not valid YAML: {problem}") from problem
    finally:
        if loader is not None:
            loader.dispose()


@dataclass(frozen=True, slots=True)
class _Builder:
    """Turns nodes into located values, one kind of node a method."""

    loader: _Loader
    path: Path
    error: type[FileError]

    def located(self, node: yaml.Node) -> Located:
        if isinstance(node, yaml.MappingNode):
            return self._at(node, self._mapping(node))
        if isinstance(node, yaml.SequenceNode):
            return self._at(node, [self.located(child) for child in node.value])
        return self._at(node, self._scalar(node))

    def _at(self, node: yaml.Node, value: object) -> Located:
        return Located(value, self.path, node.start_mark.line + 1, self.error)

    def _mapping(self, node: yaml.MappingNode) -> dict[Any, Located]:
        mapping: dict[Any, Located] = {}
        for key_node, value_node in node.value:
            key = self._at(key_node, self._scalar(key_node))
            if key.value in mapping:
                key.fail(
                    f"键 {key_node.value} 重复，请删去其一",
                    f"duplicate key {key_node.value}; remove one of them",
                )
            value = self.located(value_node)
            mapping[key.value] = Located(value.value, self.path, key.line, self.error)
        return mapping

    def _scalar(self, node: yaml.Node) -> str | int | bool | date | None:
        place = self._at(node, None)
        kind = node.tag.removeprefix(_TAG)
        if not isinstance(node, yaml.ScalarNode) or kind not in {"str", "int", "bool", "null", "timestamp"}:
            place.fail(
                f"此处不可写 {kind}，请写文字、整数、true/false 或日期",
                f"{kind} does not belong here; write text, a whole number, true or false, or a date",
            )
        if kind == "int" and not _WHOLE_NUMBER.fullmatch(node.value):
            place.fail(f"{node.value} 不是十进制整数", f"{node.value} is not a plain decimal number")
        try:
            value = self.loader.construct_object(node)
        except ValueError:
            place.fail(f"没有 {node.value} 这一天", f"there is no day {node.value}")
        except (KeyError, AttributeError):
            place.fail(f"{node.value} 不是 {kind}", f"{node.value} is no {kind}; leave out the tag")
        if isinstance(value, datetime):
            place.fail(f"{node.value} 应只写日期", f"{node.value} must be a date without a time")
        return value  # type: ignore[no-any-return]
