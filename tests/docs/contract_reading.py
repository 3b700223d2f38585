"""How docs/contract.md is read: its sections, the calls it names, and the names that an operation's schemas hold."""

import re
from pathlib import Path

CONTRACT = (Path(__file__).parents[2] / "docs" / "contract.md").read_text(encoding="utf-8")
# `METHOD /path?query {body}`, and the answer if one is written behind it: → 201 `{…}`.
CALL = re.compile(
    r"`(?P<method>GET|POST|PUT|PATCH|DELETE) (?P<path>/[^\s`?]*)(?P<query>\?[^\s`]*)?(?: (?P<body>\{[^`]*\}))?`"
    r"(?:[^`\n]*?→ (?:\d{3} )?`(?P<answer>\{[^`]*\})`)?"
)
KEY = re.compile(r'(?<=[{,])"([a-z_]+)"')
VALUE = re.compile(r'(?<=[:|])"([a-z_]+)"')


def template(path):
    """A path's shape, in which a variable has no name."""
    return re.sub(r"\{[^{}]+\}", "{}", path)


def section(heading, within=None):
    """The text below a heading, up to the next of its rank; `body` is what stands before the announced."""
    text = CONTRACT if within is None else within
    if heading == "body":
        return text.partition("\n## Announced\n")[0]
    [(marks, start)] = [(match[1], match.end()) for match in re.finditer(rf"^(##+) {re.escape(heading)}$", text, re.MULTILINE)]
    return re.split(rf"^#{{2,{len(marks)}}} ", text[start:], maxsplit=1, flags=re.MULTILINE)[0]


def command_of(written):
    """The words of a command as written, and its options."""
    words = re.match(r"[a-z-]+(?: [a-z]+)*", written)[0].split()
    return tuple(words), set(re.findall(r"--[a-z-]+", written))


def request_names(spec, operation):
    """The parameters of an operation, and the fields and values of its body."""
    content = [part.get("schema", {}) for part in operation.get("requestBody", {}).get("content", {}).values()]
    return parameter_names(spec, operation) | names_in(spec, content)


def parameter_names(spec, operation):
    """The parameters of an operation, of its path and header too."""
    return {parameter["name"] for parameter in map(resolved_in(spec), operation.get("parameters", []))}


def answer_names(spec, operation):
    """The fields and values of what an operation answers when it is done as asked."""
    done = [response for status, response in operation["responses"].items() if status.startswith("2")]
    return names_in(spec, [part.get("schema", {}) for response in done for part in response.get("content", {}).values()])


def resolved_in(spec):
    def resolved(node):
        while "$ref" in node:
            _, *way = node["$ref"].split("/")
            node = spec
            for step in way:
                node = node[step]
        return node

    return resolved


def names_in(spec, schemas):
    """Every property and every value of an enumeration that schemas reach."""
    resolved, names, waiting, seen = resolved_in(spec), set(), list(schemas), set()
    while waiting:
        node = resolved(waiting.pop())
        if id(node) in seen:
            continue
        seen.add(id(node))
        names |= {*node.get("properties", {}), *(value for value in node.get("enum", []) if value is not None)}
        waiting += [part for part in parts_of(node) if isinstance(part, dict)]
    return names


def parts_of(node):
    yield from node.get("properties", {}).values()
    yield from (part for key in ("items", "additionalProperties") if (part := node.get(key)))
    yield from (part for key in ("allOf", "anyOf", "oneOf") for part in node.get(key, []))
