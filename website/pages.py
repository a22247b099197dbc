"""The repository's pages as the site's: each text stands where it is written, and its links lead to the site's pages."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = {page.name: f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))}
ABOUT = {f"{name.lower()}.md": f"{name}.md" for name in ("CONTRIBUTING", "ARCHITECTURE", "SECURITY", "CHANGELOG")}
PAGES = {"index.md": "README.md", **DOCS, **ABOUT}
"""The site's pages by their names, and where their texts are."""

_LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s#:]+)(#[^)\s]*)?\)")
_PICTURE = re.compile(r"<!-- picture: ([\w-]+): (.*?) -->")


def staged(folder: Path, pictures: set[str]) -> None:
    """Write the pages, and what they show, into a folder; pictures that could not be taken are left out."""
    for name, source in PAGES.items():
        text = linked((ROOT / source).read_text("utf-8"), source)
        (folder / name).write_text(illustrated(text, pictures), "utf-8")
    for asset in (ROOT / "docs").glob("*.svg"):
        shutil.copy(asset, folder)


def linked(text: str, source: str) -> str:
    """With links from the place of the source to the names of the site, all of which stand in one folder; a link to code is its words.

    Raises:
        LookupError: a link leads nowhere.
    """
    names = {there: name for name, there in PAGES.items()}

    def link(found: re.Match[str]) -> str:
        target = os.path.normpath(Path(source).parent / found[2])
        if not (ROOT / target).exists():
            raise LookupError(f"{source}: found a link to {target}, expected a file that is there")
        if target not in names and not target.endswith(".svg"):
            return found[1].strip("[]")
        return f"{found[1]}({names.get(target, Path(target).name)}{found[3] or ''})"

    return _LINK.sub(link, text)


def illustrated(text: str, pictures: set[str]) -> str:
    """With each picture that is there in the place of the comment that asks for it."""

    def shown(found: re.Match[str]) -> str:
        name, words = found.groups()
        return f"![{words.replace('`', '')}](pictures/{name}.png)\n\n*{words}*" if name in pictures else ""

    return _PICTURE.sub(shown, text)
