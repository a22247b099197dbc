"""Build the site, strictly: ``python -m website [FOLDER]``; into build/ where none is named.

The pages are staged in FOLDER/website, where zensical finds them beside its configuration, and the site is in FOLDER/site. Zensical rather than
mkdocs-material: both are of the same people and read the same settings, but MkDocs has had no release since 2024 and the theme is in its last
month of maintenance.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from . import pages, pictures, reference

HERE = pages.ROOT / "website"


def built(folder: Path) -> int:
    """The exit status: 0 where everything was built, and no link or name leads nowhere."""
    stage, site = folder / "website", folder / "site"
    for old in (stage, site):
        shutil.rmtree(old, ignore_errors=True)
    _stage(stage)
    ended = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "--clean"], cwd=stage, check=False)
    if ended.returncode == 0:
        shutil.move(stage / "site", site)
        print(f"file://{site}/index.html")
    return ended.returncode


def _stage(stage: Path) -> None:
    docs = stage / "docs"
    docs.mkdir(parents=True)
    shown = pictures.taken(docs / "pictures")
    if not shown:
        print("no chromium with its chromedriver on this machine: the site has no pictures")
    pages.staged(docs, shown)
    reference.written(docs / "reference")
    shutil.copy(HERE / "site.css", docs)
    settings = (HERE / "zensical.toml").read_text("utf-8")
    (stage / "zensical.toml").write_text(settings.replace("CHECKOUT", pages.ROOT.as_posix()), "utf-8")


if __name__ == "__main__":
    if find_spec("zensical") is None:
        sys.exit("zensical is not installed: make docs installs it, on Python 3.11 or newer")
    sys.exit(built(Path(sys.argv[1]).resolve() if sys.argv[1:] else pages.ROOT / "build"))
