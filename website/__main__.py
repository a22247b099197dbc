"""Build the site into build/site, strictly: ``python -m website``.

The pages are staged in build/website, where zensical finds them beside its configuration. Zensical rather than mkdocs-material: both are of the
same people and read the same settings, but MkDocs has had no release since 2024 and the theme is in its last month of maintenance.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec

from . import pages, pictures, reference

STAGE = pages.ROOT / "build" / "website"
SITE = pages.ROOT / "build" / "site"


def main() -> int:
    """The exit status: 0 where everything was built, and no link or name leads nowhere."""
    if find_spec("zensical") is None:
        print("zensical is not installed: make docs installs it, on Python 3.11 or newer", file=sys.stderr)
        return 2
    for folder in (STAGE, SITE):
        shutil.rmtree(folder, ignore_errors=True)
    docs = STAGE / "docs"
    docs.mkdir(parents=True)
    shown = pictures.taken(docs / "pictures")
    if not shown:
        print("no chromium with its chromedriver on this machine: the site has no pictures")
    pages.staged(docs, shown)
    reference.written(docs / "reference")
    shutil.copy(pages.ROOT / "website" / "site.css", docs)
    shutil.copy(pages.ROOT / "website" / "zensical.toml", STAGE)
    built = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "--clean"], cwd=STAGE, check=False)
    if built.returncode == 0:
        shutil.move(STAGE / "site", SITE)
        print(f"file://{SITE}/index.html")
    return built.returncode


if __name__ == "__main__":
    sys.exit(main())
