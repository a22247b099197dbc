"""``REV:path``: a document as a git revision has it, with its neighbours of that revision, beside what `document` reads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from .._display.words import short
from .._document.document import Document, load, load_text
from .._document.syntax import MAX_BYTES
from ..errors import SpecError

TIMEOUT = 60.0


def read(source: str) -> Document:
    """The document at a path, a URL, or ``REV:path`` in the git repository of this folder.

    Raises:
        SpecError: it cannot be read, or git does not know the revision.
    """
    revision, colon, path = source.partition(":")
    is_place = not colon or len(revision) < 2 or path.startswith("//") or Path(source).exists() or "\n" in source
    if is_place or not re.fullmatch(r"[\w./@{}~^+-]+", revision) or revision.lower() in ("http", "https", "file"):
        return load(source)
    if revision.startswith("-"):
        raise SpecError(f"cannot read {short(source)}", expected="a git revision before the colon, HEAD~1:openapi.yaml")
    top = Path(os.fsdecode(_git(source, "rev-parse", "--show-toplevel").strip()))
    tree = _Tree(revision, top, source)
    # In a subfolder, a plain path is meant from there, as git's own ./path is.
    here = path.startswith(("./", "../")) or Path(path).exists()
    place = Path(os.path.normpath((Path.cwd() if here else top) / path))
    return load_text(tree.read_file(place), place.as_uri(), source, read_file=tree.read_file)


class _Tree:
    """The files of one revision, under the paths that they have in the working tree."""

    def __init__(self, revision: str, top: Path, source: str) -> None:
        self._revision, self._top, self._source = revision, top, source

    def read_file(self, path: Path) -> bytes:
        """The bytes of a file as the revision has it.

        Raises:
            SpecError: the revision has no such file.
        """
        inside = os.path.relpath(path.resolve().parent / path.name, self._top.resolve())
        if inside.startswith(".."):
            raise SpecError(f"cannot read {short(str(path))}", found="a file outside the git repository")
        data = _git(self._source, "show", f"{self._revision}:{Path(inside).as_posix()}", at=self._top)
        if len(data) > MAX_BYTES:
            raise SpecError("the document is too large", source=inside, found=f"over {MAX_BYTES >> 20} MiB")
        return data or b"\n"


def _git(source: str, *words: str, at: Path | None = None) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise SpecError(f"cannot read {short(source)}", remedy="REV:path needs git, which is not installed")
    done = subprocess.run(  # noqa: S603 - git, with arguments of our own
        [git, *words], capture_output=True, timeout=TIMEOUT, check=False, env={**os.environ, "LC_ALL": "C"}, cwd=at,
    )  # fmt: skip
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SpecError(
            f"cannot read {short(source)}", found=lines[-1][:200] if lines else "git failed",
            expected="a path, a URL, or REV:path of this git repository",
        )  # fmt: skip
    return done.stdout
