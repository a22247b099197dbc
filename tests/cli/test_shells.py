"""Completion in the real shells: bash, zsh and fish, each as people have it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import CompletionItem, ShellComplete
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop import SHOP
from terminal import Terminal

from dynaopenai._cli.shell import Bash, Fish, Zsh, spelled, words_of

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


# --- what a document says is never the shell's ---------------------------------------------------

HOSTILE = ["v$(touch pwned)", "`touch pwned`", "v'; touch pwned; '", '"; touch pwned; "', "it's $HOME!! \\", "a:b\\:c", "v,"]
HOSTILE_FILE = "evil $(touch pwned)'`touch pwned`"
SIGNS = st.text("ab'\"\\$`!;&|()<>{}[]*?#~=, -é", max_size=12)
QUOTES = ("", '"', "'")


def hostile(home: Path) -> list[str]:
    """A document with each of those texts for the only value of an argument, and with one for an operationId; the words that are meant."""
    takes = [{"name": f"p{place}", "in": "query", "schema": {"enum": [value]}} for place, value in enumerate(HOSTILE)]
    paths = {
        "/x": {"get": {"operationId": "foo", "parameters": takes}},
        "/y": {"get": {"operationId": "bar $(touch pwned)", "summary": "`touch pwned`\x1b]0;"}},
    }
    (home / "shop.json").write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}), "utf-8")
    (home / HOSTILE_FILE).write_text("", "utf-8")
    return [f"p{place}={value}" for place, value in enumerate(HOSTILE)]


def each_word_is_its_value(shell: Terminal, home: Path, quote: str, left_out: tuple[str, ...] = ()) -> None:
    words = [word for word in hostile(home) if not word.endswith(left_out or "\n")]
    others = [(f"call {quote}bar", "bar $(touch pwned)"), (f"call foo file@{quote}ev", f"file@{HOSTILE_FILE}")]
    for typed, word in [*others, *[(f"call foo {word.partition('=')[0]}={quote}", word) for word in words]]:
        shell.type(f"dynaopenai {typed}\t\x01printf '<%s>\\n' \x05\n")  # the line, with a printf before it
        shell.read_until(f"<{word}>")
    assert not (home / "pwned").exists()


@needs(BASH)
@pytest.mark.parametrize("quote", QUOTES)
def test_bash_inserts_the_value_and_runs_nothing_of_it(bash: Terminal, home: Path, quote: str) -> None:
    each_word_is_its_value(bash, home, quote)


@needs(ZSH)
@pytest.mark.parametrize("quote", QUOTES)
def test_zsh_inserts_the_value_and_runs_nothing_of_it(zsh: Terminal, home: Path, quote: str) -> None:
    each_word_is_its_value(zsh, home, quote)


@needs(FISH)
@pytest.mark.parametrize("quote", QUOTES)
def test_fish_inserts_the_value_and_runs_nothing_of_it(home: Path, quote: str) -> None:
    environment = {"PATH": PATH, "DYNAOPENAI_SPEC": "shop.json", "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home)}
    with Terminal("--no-config", "-i", home=home, program=(FISH,), columns=160, **environment) as fish:
        fish.type("_DYNAOPENAI_COMPLETE=fish_source dynaopenai | source; echo rea''dy\n")
        fish.read_until("ready")
        each_word_is_its_value(fish, home, quote, left_out=(",",))  # fish itself leaves the quote open after a comma


@needs(BASH)
def test_what_is_begun_in_quotes_is_gone_on_with(bash: Terminal, home: Path) -> None:
    hostile(home)
    for typed, word in [("p0='v$(to", HOSTILE[0]), ("p1=\\`to", HOSTILE[1]), ("p2=\"v'; touch", HOSTILE[2]), ("p2='v'\\''; touch", HOSTILE[2])]:
        bash.type(f"dynaopenai call foo {typed}\t\x01printf '<%s>\\n' \x05\n")
        bash.read_until(f"={word}>")

    assert not (home / "pwned").exists()


def inserted(text: str, quote: str) -> str:
    """What is on the line when readline has put in the only proposal: it doubles no quote, neither the first nor the last."""
    word = spelled(text, quote)
    begun = quote + word.removeprefix(quote) if quote else word
    return begun if begun.endswith(quote) and len(begun) > 1 else begun + quote


def run_in_bash(script: str, home: Path) -> str:
    return subprocess.run([BASH, "-c", script], capture_output=True, check=False, cwd=home, timeout=60).stdout.decode()


@needs(BASH)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(texts=st.lists(SIGNS, min_size=1, max_size=20))
def test_bash_reads_a_proposal_as_the_value(texts: list[str], tmp_path: Path) -> None:
    words = [f"x={inserted(text, quote)}" for text in texts for quote in QUOTES]
    meant = [f"x={text}" for text in texts for _ in QUOTES]

    assert run_in_bash(f"printf '%s\\0' {' '.join(words)}", tmp_path).split("\0")[:-1] == meant
    assert [words_of(word) for word in words] == [([text], "") for text in meant]


@needs(BASH)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.builds("{}$(>pwned){}>pwned{}`>pwned`{}".format, SIGNS, SIGNS, SIGNS, SIGNS), min_size=1, max_size=4))
def test_nothing_runs_where_the_line_was_understood_wrongly(texts: list[str], tmp_path: Path) -> None:
    """Whatever was open in the lines before, and wherever the proposal is cut off."""
    ends = [text[:cut] for text in (spelled(text, quote) for text in texts for quote in QUOTES) for cut in (len(text), len(text) // 2)]
    lines = [f": {before}x={word}{after}" for word in ends for before in ("", "'", '"', "$'") for after in ("", "'", '"')]
    run_in_bash("\n".join(f"eval {shlex.quote(line)} 2>/dev/null" for line in lines), tmp_path)

    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("shell", [Bash, Zsh, Fish])
def test_what_cannot_be_shown_on_one_line_is_not_proposed(shell: type[Bash], monkeypatch: pytest.MonkeyPatch) -> None:
    values = ["fine", "x\nplain,evil", "\x1b[2J", "\r", "tab\there", "\u202eback", "", "half\ud800", "bell\x07"]
    monkeypatch.setattr(ShellComplete, "get_completions", lambda *_: [CompletionItem(value, help="said\x1b[2J\nof it") for value in values])
    monkeypatch.setenv("COMP_LINE", "dynaopenai ")
    monkeypatch.setenv("COMP_WORD", "")
    completion = shell(click.Command("dynaopenai"), {}, "dynaopenai", "_DYNAOPENAI_COMPLETE")
    found = completion.get_completions([], "")

    assert [item.value for item in found] == ["fine"]
    assert "\x1b" not in completion.format_completion(found[0])


def test_a_script_of_before_is_given_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ShellComplete, "get_completions", lambda *_: [CompletionItem("fine")])
    monkeypatch.setenv("COMP_LINE", "dynaopenai ")
    monkeypatch.delenv("COMP_WORD", raising=False)

    assert Bash(click.Command("dynaopenai"), {}, "dynaopenai", "_DYNAOPENAI_COMPLETE").get_completions([], "") == []


@pytest.mark.parametrize(
    ("line", "words", "quote"),
    [
        ("a b", ["a", "b"], ""),
        ("a ", ["a", ""], ""),
        ("a 'b", ["a", "b"], "'"),
        ("a 'b' \"c d", ["a", "b", "c d"], '"'),
        ("a \\' b", ["a", "'", "b"], ""),
        ('a "b\\"', ["a", 'b"'], '"'),
        ('a "\\$\\(', ["a", "$\\("], '"'),
        ("a=\"b' c", ["a=b' c"], '"'),
        ("a='b'\\''c", ["a=b'c"], "'"),
        ("a\\", ["a"], ""),
        ("a ''", ["a", ""], ""),
    ],
)
def test_a_line_is_read_as_bash_reads_it(line: str, words: list[str], quote: str) -> None:
    assert words_of(line) == (words, quote)
