"""The tests of the wheel on every Python of pyproject's classifiers: `make matrix`, or `nox -s tests-3.13`; one that is not here is passed over.

nox, since it has no other idea than "these commands in that environment", finds the Pythons that are here and takes uv where it is installed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))
DIST = Path("dist")

# pyenv's shims stand for the one version that it has chosen; all of its versions are here.
_OF_PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.*/bin")
os.environ["PATH"] = os.pathsep.join([*map(str, _OF_PYENV), os.environ["PATH"]])

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv|venv"


@nox.session
def dist(session: nox.Session) -> None:
    """Build the wheel and the sdist, and use the wheel from outside the checkout."""
    session.install("build")
    session.run(".ci/wheel", "python", str(DIST), external=True)


@nox.session
@nox.parametrize("version", [8, 9])
def prompts(session: nox.Session, version: int) -> None:
    """Type at prompts with a version of IPython, and in the shells that are here; the other tests have the newest IPython."""
    session.install("-e", ".[dev]", f"ipython=={version}.*")
    tests = ["tests/client/test_completion.py", "tests/cli/test_repl.py", "tests/cli/test_shells.py"]
    session.run("python", "-m", "pytest", *(session.posargs or tests))


@nox.session(python=PYTHONS, requires=["dist"])
def tests(session: nox.Session) -> None:
    """Run the sdist's tests against the wheel: its files stand in the place of the sources."""
    [wheel], [sdist] = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    session.install(f"dynaopenai[dev] @ {wheel.resolve().as_uri()}")
    shutil.unpack_archive(sdist, session.create_tmp())
    checkout = Path(session.create_tmp()) / sdist.name.removesuffix(".tar.gz")
    shutil.rmtree(checkout / "dynaopenai")
    [installed] = Path(session.virtualenv.location).glob("lib/*/site-packages/dynaopenai")
    (checkout / "dynaopenai").symlink_to(installed.resolve())
    session.chdir(checkout)
    session.run("python", "-W", "error", "-c", "import dynaopenai")
    session.run("python", "-m", "pytest", *(session.posargs or ["-n", "auto", "--dist", "worksteal"]))
