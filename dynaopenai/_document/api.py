"""APIs by name: a document, its corrections and where to send calls, as the project, the user or this package says.

Rules of this file:
1. The project's entries go before the user's, and the user's before the package's. A path or a URL goes before a name.
2. An entry holds no secret: ``key_env`` names the environment variable that does.
3. A project's file may come with a checkout: a variable that it names is read only once the user has said that it may
   (`trust`), and what was said holds for that very entry, and for the files beside it that say where calls go.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .._display.words import did_you_mean, nearest, short
from ..errors import SpecError
from .own_file import read_trusted, write_whole
from .project import nearest_table

NAME = re.compile(r"[A-Za-z][\w-]{0,63}")
FILE = "apis.json"
TRUSTED = "trusted.json"
FOLDER = "DYNAOPENAI_CONFIG"  # in the environment: a folder in the place of the user's own


@dataclass(frozen=True)
class Api:
    """One entry.

    Attributes:
        name: what it is asked for by.
        document: path or URL.
        origin: the file that the entry stands in; relative paths are relative to its folder.
        overlays: paths or URLs of corrections, applied in their order.
        base_url: where calls go, where it is not the document's own server.
        key_env: the environment variable that holds the key.
        headers: sent with every request.
        security: a Security Scheme Object in the place of the document's.
        remote_refs: hosts that a ``$ref`` may lead to.
        pin: the hash that the document must have; such a document is not asked for again.
    """

    name: str
    document: str
    origin: str = field(default="", compare=False)
    overlays: tuple[str, ...] = ()
    base_url: str = ""
    key_env: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    security: Mapping[str, Any] = field(default_factory=dict)
    remote_refs: tuple[str, ...] = ()
    pin: str = ""
    is_project: bool = field(default=False, compare=False)

    @property
    def facts(self) -> dict[str, Any]:
        """What an entry says, by key, without what it leaves out."""
        named = {item.name: getattr(self, item.name) for item in fields(self) if item.compare and item.name != "name"}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in named.items() if value}

    @property
    def digest(self) -> str:
        """What tells it from any other entry, wherever it, or a file of the checkout that it names, says something else."""
        import hashlib

        files = [self.place(written) for written in (self.document, *self.overlays) if not _is_url(written)]
        identity = json.dumps([self.name, self.origin, self.facts, list(map(_fingerprint, files))], sort_keys=True)
        return hashlib.sha256(identity.encode()).hexdigest()

    @property
    def is_remote(self) -> bool:
        return _is_url(self.document)

    def place(self, written: str) -> str:
        """A path or URL of the entry, as it is read from anywhere."""
        return written if _is_url(written) else str(Path(self.origin).parent / Path(written).expanduser())

    def key(self) -> str | None:
        """The key that the environment holds for it, None where it names no variable or the variable is not set.

        Raises:
            SpecError: the entry is the project's, and the user has not said that it may read the variable.
        """
        if not self.key_env:
            return None
        if self.is_project and not is_trusted(self):
            raise SpecError(
                f"this project's file would have ${self.key_env} sent to {self.base_url or self.document}",
                source=self.origin,
                expected="your word that it may, since the file may have come with a checkout",
                remedy=f"read the entry, then: dynaopenai api trust {self.name}",
            )
        return os.environ.get(self.key_env, "").strip() or None


def find(name: str) -> Api:
    """The entry of this name.

    Raises:
        SpecError: there is none.
    """
    known = entries()
    if name in known:
        return known[name]
    remedy = did_you_mean(name, known) or f"known are {', '.join(known)}; a new one: dynaopenai api add {name} URL"
    close = nearest(name, [path.name for path in _files()])
    if close:
        remedy += f"; or the file {short(close[0])}"
    raise SpecError(f"there is no file and no API named {short(name)}", remedy=remedy)


def is_name(source: Any) -> bool:
    """Whether a source is the name of an API: nothing that could be a path, and no file of that name; a folder is no document."""
    return isinstance(source, str) and NAME.fullmatch(source) is not None and (Path(source).is_dir() or not Path(source).exists())


def entries() -> dict[str, Api]:
    """All entries by name, those of the project first."""
    return {**_shipped(), **_of_user(), **_of_project()}


def _files() -> Iterable[Path]:
    with suppress(OSError):
        yield from (path for path in Path.cwd().iterdir() if path.suffix in (".yaml", ".yml", ".json"))


def _fingerprint(path: str) -> str:
    import hashlib

    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""  # which is told when it is read


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


# --- where entries stand -------------------------------------------------------------------------


def _shipped() -> dict[str, Api]:
    from importlib import resources

    folder = resources.files("dynaopenai").joinpath("apis")
    text = folder.joinpath(FILE).read_text("utf-8")
    return _read(json.loads(text), str(folder.joinpath(FILE)))


def _of_user() -> dict[str, Api]:
    path = folder() / FILE
    return _read(_json(path), str(path))


def _of_project() -> dict[str, Api]:
    table = nearest_table()
    found = table.values.get("apis", {}) if table is not None else {}
    return _read(found, str(table.path), is_project=True) if table is not None else {}


def folder() -> Path:
    """Where the user's own entries are kept."""
    given = os.environ.get(FOLDER, "")
    if given:
        return Path(given)
    from platformdirs import user_config_path

    return user_config_path("dynaopenai", appauthor=False)


def _json(path: Path) -> Any:
    try:
        return json.loads(read_trusted(path))
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise SpecError(
            "the list of APIs is not believed",
            source=str(path),
            found="a file that cannot be read, or that somebody else may have written, it or its folder",
            expected="both yours, and nobody else's to write, since it says where credentials go",
            remedy=f"read it, then: chown and chmod o-w, or remove it; DYNAOPENAI_CONFIG names another folder than {path.parent}",
        ) from None
    except (OSError, ValueError) as error:
        raise SpecError(f"the list of APIs cannot be read: {error}", source=str(path), remedy="mend it, or remove it") from None


def _read(table: Any, origin: str, *, is_project: bool = False) -> dict[str, Api]:
    if not isinstance(table, Mapping):
        raise SpecError("apis cannot be used", source=origin, found=short(table), expected="a table of entries by name")
    return {name: entry_of(name, facts, origin, is_project=is_project) for name, facts in table.items()}


KINDS: Mapping[str, type | tuple[type, ...]] = {
    "document": str, "overlays": (list, tuple), "base_url": str, "key_env": str, "headers": Mapping, "security": Mapping,
    "remote_refs": (list, tuple), "pin": str,
}  # fmt: skip


def entry_of(name: str, facts: Any, origin: str, *, is_project: bool = False) -> Api:
    """An entry out of what a file says.

    Raises:
        SpecError: it says something that is no part of an entry, or leaves out the document.
    """
    where = f"apis.{name}"
    if not NAME.fullmatch(name):
        raise SpecError(f"{short(name)} cannot be a name", source=origin, expected="a letter, then letters, digits, - and _")
    if not isinstance(facts, Mapping) or "document" not in facts:
        raise SpecError(f"{where} names no document", source=origin, expected='document = "URL or path"')
    for key, value in facts.items():
        if key not in KINDS:
            remedy = did_you_mean(key, KINDS) or f"known are {', '.join(KINDS)}; a key stands in the environment: key_env"
            raise SpecError(f"{where} has no setting {short(key)}", source=origin, remedy=remedy)
        if not isinstance(value, KINDS[key]):
            raise SpecError(f"{where}.{key} cannot be used", source=origin, found=short(value))
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}
    return Api(name=name, origin=origin, is_project=is_project, **given)


# --- changing the user's own ---------------------------------------------------------------------


def add(api: Api) -> Path:
    """Keep an entry among the user's own, in the place of one of the same name; returns the file."""
    path = folder() / FILE
    known = dict(_json(path))
    known[api.name] = api.facts
    _write(path, known)
    return path


def remove(name: str) -> bool:
    """Take an entry out of the user's own; whether there was one."""
    path = folder() / FILE
    known = dict(_json(path))
    if known.pop(name, None) is None:
        return False
    _write(path, known)
    return True


def trust(api: Api) -> None:
    """Let a project's entry read the variable that it names, as long as it says what it says now."""
    path = folder() / TRUSTED
    _write(path, sorted({*_json(path), api.digest}))


def is_trusted(api: Api) -> bool:
    """Whether the user said so."""
    return api.digest in _json(folder() / TRUSTED)


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, f"{json.dumps(value, indent=2, ensure_ascii=False)}\n".encode())
