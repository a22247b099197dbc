"""Which operations a code base calls: its files, read and never run.

Rules of this file:
1. In Python, an attribute of what may be a client, attributes that end in an operation's name in groups (``files.list``), a
   subscript or a text that is an operation's name count; what belongs to an imported library, to a plain value or to a
   builtin does not. Rather one too many than one too few.
2. Elsewhere (shell scripts, Makefiles, YAML, notebooks' cells) the words of a ``dynaopenai`` command line count;
   comments and what a notebook has printed do not.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from .._client.client import Client
from .._client.engine import PARTS
from .._client.naming import names
from .._display.words import short_path
from ..errors import SpecError

MOST_BYTES = 4_000_000
SKIPPED = {".git", ".venv", "venv", "node_modules", "__pycache__", "site-packages", ".tox", "build", "dist"}
SCRIPTS = (".sh", ".bash", ".zsh", ".yml", ".yaml", ".mk", ".toml", ".cfg", ".ini", ".ps1", ".bat", ".cmd")
BARE = re.compile(r"(GNU)?[Mm]akefile|[Jj]ustfile|Dockerfile\b.*|Procfile|Jenkinsfile")
COMMAND = re.compile(r"(?:^|[\s\"'\[(/;&|`@-])dynaopenai(?![\w./-])(?P<words>[^\n]*)")
Places = dict[str, list[str]]


def used_in(source: Path, operation_ids: Iterable[str], grouped: Mapping[str, str] = {}) -> Places:
    """The operations that are used under ``source``, each with the places, ``app/chat.py:12``.

    Args:
        grouped: operationId by name in groups, ``files.list``.

    Raises:
        SpecError: there is no such file or folder.
    """
    if not source.exists():
        raise SpecError(
            f"cannot read {short_path(source)}: there is no such file or folder", remedy="give the code's folder"
        )
    known = {**grouped, **_known(operation_ids)}
    found: Places = {}
    for path in _files(source):
        for name, line in _uses(path, known):
            places = found.setdefault(known[name], [])
            place = f"{path.relative_to(source) if path != source else path.name}:{line}"
            if place not in places:
                places.append(place)
    return found


def _known(operation_ids: Iterable[str]) -> dict[str, str]:
    """The operations by every name that they are called by, those included that gave way to a client's own."""
    ids = list(dict.fromkeys(operation_ids))
    return {**names(ids, own=frozenset(dir(Client)) | PARTS).operations, **{name: name for name in ids}}


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for path in sorted(source.rglob("*")):
        if not SKIPPED.intersection(path.relative_to(source).parts) and path.is_file():
            yield path


def _uses(path: Path, known: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    kind = _kind(path)
    if not kind:
        return
    try:
        text = path.read_bytes()[:MOST_BYTES].decode("utf-8", "replace")
    except OSError:
        return
    if kind == "notebook":
        yield from _notebook(text, known)
    elif kind == "python":
        yield from _python(text, known)
    else:
        yield from _commands(text, known)


def _kind(path: Path) -> str:
    """How a file is read, by its name, or without a suffix by its first line; empty where it is none of ours."""
    if path.suffix in (".py", ".pyi", ".pyw"):
        return "python"
    if path.suffix == ".ipynb":
        return "notebook"
    if path.suffix in SCRIPTS or BARE.fullmatch(path.name):
        return "script"
    if path.suffix:
        return ""
    try:
        with path.open("rb") as file:
            first = file.readline(200)
    except OSError:
        return ""
    return "" if not first.startswith(b"#!") else "python" if b"python" in first else "script"


# --- command lines -------------------------------------------------------------------------------


def _commands(text: str, known: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The words of command lines that call us, each line with those that it goes on in."""
    lines = [re.sub(r"(^|\s)#(?!!).*", r"\1", line) for line in text.splitlines()]
    for number, line in enumerate(lines):
        if COMMAND.search(line):
            whole = line
            for after in lines[number + 1 : number + 40]:
                if not (whole.rstrip().endswith(("\\", "`", "^", "|")) or re.match(r"\s*-\s+[\w\"'.-]+\s*$", after)):
                    break
                whole = f"{whole.rstrip().rstrip(chr(92))} {after.strip().removeprefix('- ')}"
            for command in COMMAND.finditer(whole):
                command_line = re.split(r"&&|\|\||[;|]", command["words"])[0]
                yield from ((word, number + 1) for word in re.findall(r"[A-Za-z_][\w.-]*", command_line) if word in known)
    yield from _assigned(lines, known)


def _assigned(lines: list[str], known: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Operations in variables, in a file that calls us: ``OP=createThing``, ``operation: createThing``."""
    if not any(COMMAND.search(line) for line in lines):
        return
    for number, line in enumerate(lines, 1):
        match = re.match(r"""\s*(?:export\s+)?[\w.-]+\s*(?::=|\?=|=|:)\s*["']?([\w.-]+)["']?\s*$""", line)
        if match and match[1] in known:
            yield match[1], number


# --- notebooks -----------------------------------------------------------------------------------


def _notebook(text: str, known: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """What the code cells say; not what they have printed, not what is told between them. Lines are those of the cells."""
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    line = 1
    for source in sources:
        code = "\n".join("" if each.lstrip().startswith(("!", "%")) else each for each in source.split("\n"))
        shell = "\n".join(each if each.lstrip().startswith(("!", "%")) else "" for each in source.split("\n"))
        for name, at in (*_python(code, known), *_commands(shell.replace("!", " "), known)):
            yield name, line + at - 1
        line += source.count("\n") + 1


# --- Python --------------------------------------------------------------------------------------


def _python(text: str, known: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):  # not this Python's: its words then
        for number, line in enumerate(text.splitlines(), 1):
            words = re.findall(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_]\w*)*", line.partition("#")[0])
            yield from ((name, number) for word in words for name in _ends(word.split("."), known))
        return
    yield from _Reader(tree, known).uses()
    for at, command in _command_lists(tree):
        yield from ((name, at) for name, _ in _commands(command, known))


def _command_lists(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lists of words that are a command line: ``["dynaopenai", "call", "createThing"]``."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.List, ast.Tuple)):
            words = [item.value for item in node.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
            if any(word.rpartition("/")[2] == "dynaopenai" for word in words):
                yield node.lineno, " ".join(words)


def _ends(words: list[str], known: Mapping[str, str]) -> Iterator[str]:
    """The names that attributes lead to: of ``["client", "files", "list"]`` the one that is ``files.list``; and ``list``."""
    dotted = (".".join(words[start:]) for start in range(len(words) - 1))
    yield from [name for name in dotted if name in known][:1]
    yield from [word for word in words[-1:] if word in known]


class _Reader:
    """One module: what its names stand for, and which operations it uses."""

    def __init__(self, tree: ast.AST, known: Mapping[str, str]) -> None:
        self._tree, self._known = tree, known
        self._nodes = list(ast.walk(tree))
        self._texts: dict[str, str] = {}
        self._foreign = set(self._imported())
        self._foreign |= set(self._made_elsewhere())
        self._words: dict[str, list[str]] = {}
        self._keep_attributes()
        self._read_constants()
        self._operation_names = {id(each) for each in self._names_of_operations()}

    def uses(self) -> Iterator[tuple[str, int]]:
        """Names of operations, each with its line."""
        for node in self._nodes:
            if isinstance(node, ast.Attribute) and not self._is_foreign(node.value):
                yield from ((name, node.end_lineno or node.lineno) for name in _ends(self._led_by(node), self._known))
            elif isinstance(node, ast.expr) and not isinstance(node, ast.Name):
                text = self._text(node) or ""
                if text in self._known and (_is_telling(text) or id(node) in self._operation_names):
                    yield text, node.lineno

    def _led_by(self, node: ast.AST) -> list[str]:
        """The names that attributes lead through: ``client.files.list``; a variable that holds some, as those."""
        if isinstance(node, ast.Attribute):
            return [*self._led_by(node.value), node.attr]
        return self._words.get(node.id, [node.id]) if isinstance(node, ast.Name) else []

    def _keep_attributes(self) -> None:
        """Variables that hold an attribute: ``files = client.files``."""
        for node in self._nodes:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Attribute):
                self._words[node.targets[0].id] = self._led_by(node.value)

    def _imported(self) -> Iterator[str]:
        """Names of modules and of what comes out of them, but for ours and the code base's own."""
        for node in self._nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if _is_library(alias.name):
                        yield alias.asname or alias.name.partition(".")[0]
            elif isinstance(node, ast.ImportFrom) and not node.level and _is_library(node.module or ""):
                yield from (alias.asname or alias.name for alias in node.names)

    def _made_elsewhere(self) -> Iterator[str]:
        """Variables that hold what a foreign call gave, or a plain value; not those that also hold something else."""
        foreign: dict[str, bool] = {}
        for node in self._nodes:
            if isinstance(node, ast.Assign):
                pairs = [(target, node.value) for target in node.targets]
            elif isinstance(node, (ast.With, ast.AsyncWith)):
                pairs = [(item.optional_vars, item.context_expr) for item in node.items if item.optional_vars]
            else:
                continue
            for target, value in pairs:
                if isinstance(target, ast.Name):
                    foreign[target.id] = foreign.get(target.id, True) and self._is_foreign(value)
        yield from (name for name, is_foreign in foreign.items() if is_foreign)

    def _is_foreign(self, node: ast.AST) -> bool:
        """Whether a value surely is no client: a literal, or what a library or a builtin gives."""
        if isinstance(node, ast.Await):
            return self._is_foreign(node.value)
        if isinstance(node, ast.Name):
            return node.id in self._foreign
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            return self._is_foreign(node.value)
        if isinstance(node, ast.Call):
            plain = isinstance(node.func, ast.Name) and node.func.id in _BUILTINS
            return plain or self._is_foreign(node.func)
        return isinstance(
            node, (ast.Constant, ast.JoinedStr, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.DictComp)
        )

    # --- texts -----------------------------------------------------------------------------------

    def _read_constants(self) -> None:
        """Variables that are assigned one text, and nothing else."""
        found: dict[str, set[str | None]] = {}
        for node in self._nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                found.setdefault(name, set()).add(self._text(node.value))
                (text, *others) = found[name]
                if text is not None and not others:
                    self._texts[name] = text
                else:
                    self._texts.pop(name, None)

    def _text(self, node: ast.AST) -> str | None:
        """The text that an expression of constants makes."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self._texts.get(node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _together([self._text(node.left), self._text(node.right)])
        if isinstance(node, ast.JoinedStr):
            return _together([self._text(part) for part in node.values])
        if isinstance(node, ast.FormattedValue):
            return self._text(node.value) if node.format_spec is None else None
        return None

    def _names_of_operations(self) -> Iterator[ast.AST]:
        """Where a text names an operation, ordinary a word as it may be."""
        for node in self._nodes:
            if isinstance(node, ast.Subscript) and not self._is_foreign(node.value):
                yield node.slice
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
                yield from node.args[1:2] if not self._is_foreign(node.args[0]) else ()


_BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__) - {"getattr", "vars"}


def _together(parts: list[str | None]) -> str | None:
    texts = [part for part in parts if part is not None]
    return "".join(texts) if len(texts) == len(parts) else None


def _is_telling(name: str) -> bool:
    """Whether a name is no ordinary word: ``createThing``, ``admin-keys-list``, ``list_things``."""
    return bool(re.search(r"[a-z][A-Z]|[^A-Za-z]", name))


@lru_cache(maxsize=512)
def _is_library(module: str) -> bool:
    """Whether a module is no part of the code base, as far as its name tells: the standard library, what is installed."""
    top = module.partition(".")[0]
    if top in ("dynaopenai", "openai", ""):
        return False
    if top in sys.stdlib_module_names:
        return True
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return False
    return spec is not None and "site-packages" in (spec.origin or "")
