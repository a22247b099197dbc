"""Completion in the real shells: bash, zsh and fish, each as people have it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import SHOP
from terminal import Terminal

from dynaopenai._cli.shell import _quoted

SCRIPT = Path(sys.executable).with_name("dynaopenai")
BASH, ZSH, FISH = (shutil.which(name) or "" for name in ("bash", "zsh", "fish"))
PATH = f"{SCRIPT.parent}:{os.environ['PATH']}"
INSTALL = 'eval "$(_DYNAOPENAI_COMPLETE={0}_source dynaopenai)"; echo rea""dy\n'


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shell or not SCRIPT.exists(), reason="needs the shell and the installed command")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), "utf-8")
    (tmp_path / "upload me.jsonl").write_text("{}", "utf-8")
    return tmp_path


@pytest.fixture
def bash(home: Path) -> Iterator[Terminal]:
    with Terminal("--norc", "-i", home=home, program=(BASH,), columns=160, PATH=PATH, PS1="> ", DYNAOPENAI_SPEC="shop.json") as terminal:
        terminal.type(INSTALL.format("bash"))
        terminal.read_until("ready")
        yield terminal


@pytest.fixture
def zsh(home: Path) -> Iterator[Terminal]:
    environment = {"PATH": PATH, "PS1": "> ", "DYNAOPENAI_SPEC": "shop.json", "ZDOTDIR": str(home)}
    with Terminal("-f", "-i", home=home, program=(ZSH,), columns=160, **environment) as terminal:
        terminal.type("autoload -Uz compinit && compinit -u -D; setopt no_beep; PS1='> '\n")
        terminal.type(INSTALL.format("zsh"))
        terminal.read_until("ready\n")
        yield terminal


STEPS = [
    ("dynaopenai call createO\t", "createOrder "),
    ("spe\t", "speed="),
    ("fa\t", "fast "),
    ("items.0.pr\t", "items.0.product="),
    ("tea items.0.cou\t", "items.0.count="),
    ("1 speed=s\t", "speed=slow "),
]


@needs(BASH)
def test_bash_completes_names_values_and_places(bash: Terminal) -> None:
    for typed, shown in STEPS[:-1]:
        bash.type(typed)
        bash.read_until(shown)
    bash.type("1 --dry-run; exit\n")
    bash.wait()

    assert '"speed":"fast"' in bash.plain
    assert '"product":"tea"' in bash.plain


@needs(BASH)
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("dynaopenai call createOrder speed=\t\t", "slow  fast"),  # nothing but the sign
        ('dynaopenai call createOrder speed="f\t', 'speed="fast"'),
        ("dynaopenai call createOrder 'speed=f\t", "'speed=fast'"),
        ("dynaopenai call createOrder note=a:b spe\t", "note=a:b speed="),
        ("dynaopenai call createOrder --spec shop.json spe\t", "speed="),
        ("dynaopenai show Pla\t", "Placed "),
    ],
)
def test_bash_takes_what_its_own_words_break(bash: Terminal, typed: str, shown: str) -> None:
    bash.type(typed)

    assert shown in bash.read_until(shown)


@needs(BASH)
def test_bash_completes_the_name_of_a_file(bash: Terminal) -> None:
    bash.type("dynaopenai call upload file@up\t")
    bash.read_until("me.jsonl ")
    bash.type("; printf '<%s>' !#:3\n")  # the word as the line has it: an echo shows what was inserted only

    assert "<file@upload me.jsonl>" in bash.read_until(">", 10) + bash.read_until("<file@upload me.jsonl>", 10)


@needs(ZSH)
def test_zsh_completes_without_a_space_after_the_sign(zsh: Terminal) -> None:
    for typed, shown in STEPS[:-1]:
        zsh.type(typed)
        zsh.read_until(shown.strip())
    zsh.type("1 --dry-run; exit\n")
    zsh.wait()

    assert '"speed":"fast"' in zsh.plain
    assert '"product":"tea"' in zsh.plain


@needs(ZSH)
def test_zsh_completes_the_name_of_a_file(zsh: Terminal) -> None:
    zsh.type("dynaopenai call upload file@up\t")

    assert "file@upload\\ me.jsonl" in zsh.read_until("me.jsonl")


def fish_proposes(home: Path, typed: str) -> dict[str, str]:
    """What fish's own engine proposes, with what it says of each."""
    script = f"_DYNAOPENAI_COMPLETE=fish_source dynaopenai | source; complete -C {json.dumps(typed)}"
    environment = {**os.environ, "PATH": PATH, "HOME": str(home), "DYNAOPENAI_SPEC": "shop.json"}
    shown = subprocess.run([FISH, "--no-config", "-c", script], capture_output=True, text=True, check=True, cwd=home, env=environment, timeout=60)
    return dict((*line.split("\t", 1), "")[:2] for line in shown.stdout.splitlines())


@needs(FISH)
@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("dynaopenai call createO", {"createOrder": "Place an order"}),
        ("dynaopenai call createOrder spe", {"speed=": '"slow" or "fast"'}),
        ("dynaopenai call createOrder speed=f", {"speed=fast": ""}),
        ("dynaopenai call createOrder items.0.", {"items.0.product=": "string", "items.0.count=": "integer at least 1", "items.0.parts.0.": "array of Item"}),
        ("dynaopenai call createOrder dis", {"discount=": "number 0 to 0.5"}),
        ("dynaopenai call upload file@up", {"file@upload me.jsonl": ""}),
        ("dynaopenai val", {"validate": "check files against an operation or a schema, JSON Lines line by line"}),
    ],
)
def test_fish_has_whole_descriptions(home: Path, typed: str, proposed: dict[str, str]) -> None:
    assert fish_proposes(home, typed) == proposed


@pytest.mark.parametrize(
    ("line", "begun"), [("a b", None), ("a 'b", "b"), ("a 'b' \"c d", "c d"), ("a \\' b", None), ('a "b\\"', 'b\\"'), ("a=\"b' c", "b' c")]
)
def test_an_open_quote_is_known(line: str, begun: str | None) -> None:
    assert _quoted(line) == begun
