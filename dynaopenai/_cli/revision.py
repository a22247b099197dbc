"""``REV:path``: a document as a git revision has it, beside what `document` reads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from .._display.words import short
from .._document.document import Document, load
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
    document = load(_show(revision, path, source))
    return Document(document.uri, source, document.root, document.text, document.diagnostics, document.library)


def _show(revision: str, path: str, source: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise SpecError(f"cannot read {short(source)}", remedy="REV:path needs git, which is not installed")
    if revision.startswith("-"):
        raise SpecError(f"cannot read {short(source)}", expected="a git revision before the colon, HEAD~1:openapi.yaml")
    # In a subfolder, a plain path is meant from there, as git's own ./path is.
    inside = path if path.startswith(("./", "../")) else f"./{path}" if Path(path).exists() else path
    done = subprocess.run(  # noqa: S603
        [git, "show", f"{revision}:{inside}"],
        capture_output=True, timeout=TIMEOUT, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SpecError(
            f"cannot read {short(source)}", found=said[-1][:200] if said else "git failed",
            expected="a path, a URL, or REV:path of this git repository",
        )  # fmt: skip
    return done.stdout or b"\n"
