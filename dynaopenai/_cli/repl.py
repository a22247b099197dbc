"""An interactive session: IPython where it is installed, else the standard prompt; the same client in both.

Rules of this file:
1. What this package raises on purpose is shown as its message, with the line that asked for it, without the depth
   below. Everything else keeps its traceback.
2. Completion proposes what the document says: operations, argument names, and the values that an argument takes.
3. Nothing is sent, and nothing but the prompt's own history is written.
"""

from __future__ import annotations

import atexit
import builtins
import code
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .._checking.schema import Schema
from .._client.client import Client
from .._client.group import Group
from .._client.operation import Operation
from .._client.operations import Found
from .._display.colour import paint, readable
from .._display.width import folded
from .._response.data import Data, DataList
from ..errors import DynaOpenAIError, Interrupted
from . import completion as _completion

OURS = (Client, Data, Found, Operation, Schema, Group, DataList)


def start(client: Client, plain: bool = False) -> int:
    """Run a session until it is left; the exit status."""
    namespace = {"client": client, "Client": Client}
    if plain or find_spec("IPython") is None:
        return _standard(namespace, repr(client))
    return _ipython(namespace, repr(client))


# --- IPython -------------------------------------------------------------------------------------


def _ipython(namespace: dict[str, Any], banner: str) -> int:
    import IPython
    from IPython.terminal.interactiveshell import TerminalInteractiveShell
    from traitlets.config import Config

    config = Config()
    config.TerminalInteractiveShell.banner1 = f"{banner}\n\n"
    config.TerminalInteractiveShell.banner2 = ""
    if hasattr(TerminalInteractiveShell, "enable_tip"):  # since 8.29 or 9, and told as unknown before
        config.TerminalInteractiveShell.enable_tip = False
    config.TerminalInteractiveShell.confirm_exit = False
    config.InteractiveShellApp.extensions = ["dynaopenai"]
    IPython.start_ipython(argv=[], user_ns=namespace, config=config)
    return 0


def extend(shell: Any) -> None:
    """What ``%load_ext dynaopenai`` does: the values of an argument are proposed."""

    def matcher(context: Any) -> Any:
        from IPython.core.completer import SimpleCompletion, SimpleMatcherResult

        before = context.full_text[: _offset(context.full_text, context.cursor_line, context.cursor_position)]
        found = _completion.at(before, shell.user_ns)
        return SimpleMatcherResult(
            completions=[SimpleCompletion(text=text, type="value") for text in found.texts],
            suppress=bool(found.texts),
            matched_fragment=found.begun,
        )

    matcher.matcher_identifier = "dynaopenai"  # type: ignore[attr-defined]  # IPython looks there
    matcher.matcher_api_version = 2  # type: ignore[attr-defined]  # as above
    shell.Completer.custom_matchers.append(matcher)
    formatter = shell.display_formatter.formatters["text/plain"]
    for kind in OURS:
        formatter.for_type(kind, _shown)


def _shown(thing: Any, printer: Any, _cycle: bool) -> None:
    printer.text(readable(thing._repr_painted_(paint())))


def _offset(text: str, line: int, column: int) -> int:
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[:line])) + column


# --- the standard prompt -------------------------------------------------------------------------


class _Prompt(code.InteractiveConsole):
    def runcode(self, source: Any) -> None:
        usual, sys.displayhook = sys.displayhook, _display
        try:
            super().runcode(source)
        finally:
            sys.displayhook = usual

    def showtraceback(self) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, DynaOpenAIError):
            self.write(folded(f"{type(error).__name__}: {error}") + "\n")
        elif isinstance(error, Interrupted):
            self.write(f"\nKeyboardInterrupt: {error}\n")
        else:
            super().showtraceback()


def _display(value: Any) -> None:
    if isinstance(value, OURS):
        builtins._ = value  # type: ignore[attr-defined]  # as the usual hook does
        sys.stdout.write(readable(value._repr_painted_(paint())) + "\n")
    else:
        sys.__displayhook__(value)


def _standard(namespace: dict[str, Any], banner: str) -> int:
    with suppress(ImportError):
        _with_readline(namespace)
    prompt = _Prompt(namespace)
    prompt.interact(banner=banner, exitmsg="")
    return 0


def _with_readline(namespace: dict[str, Any]) -> None:
    import readline

    readline.set_completer(_completer(namespace))
    readline.set_completer_delims(" \t\n()[]{},=:")
    readline.parse_and_bind("tab: complete")
    history = Path.home() / ".python_history"
    with suppress(OSError):
        readline.read_history_file(history)
    atexit.register(_remember, history)


def _remember(history: Path) -> None:
    import readline

    with suppress(OSError):
        readline.write_history_file(history)


def _completer(namespace: dict[str, Any]) -> Any:
    import readline
    import rlcompleter

    plain = rlcompleter.Completer(namespace)
    proposals: list[str] = []

    def complete(text: str, state: int) -> str | None:
        if state == 0:
            before = readline.get_line_buffer()[: readline.get_endidx()]
            found = _completion.at(before, namespace)
            # what is begun may be more than readline takes for a word, or less
            ahead = len(found.begun) - len(text)
            proposals[:] = [text[: max(-ahead, 0)] + proposed[max(ahead, 0) :] for proposed in found.texts]
        if proposals:
            return proposals[state] if state < len(proposals) else None
        return plain.complete(text, state)

    return complete
