"""What verbs share: options, the client that they speak of, and how they print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..._client.client import Client
from ...errors import DynaOpenAIError
from ..completion import operations, schemas, words
from ..config import read

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..completion import Proposal

F = TypeVar("F", bound=Callable[..., Any])

INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)  # a file that is read
OUTPUT = click.Path(dir_okay=False, path_type=Path)  # a file that is written, or looked for where it is used

OVERLAYS = "dynaopenai.overlays"  # in the context's meta, so that every verb that takes --spec takes --overlay


def _keep_overlays(ctx: click.Context, _: click.Parameter, value: tuple[str, ...]) -> None:
    ctx.meta[OVERLAYS] = value


def _api_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """APIs by name; files where none begins so."""
    from click.shell_completion import CompletionItem

    from ..._document.api import entries

    try:
        found = [CompletionItem(name, help=entry.document) for name, entry in entries().items() if name.startswith(incomplete)]
    except DynaOpenAIError:
        found = []  # which is told when one is used
    return found or [CompletionItem(incomplete, type="file")]


def spec_option(command: F) -> F:
    """``--spec`` and ``--overlay``: which document a verb speaks of."""
    overlay = click.option(
        "--overlay", multiple=True, metavar="FILE", expose_value=False, callback=_keep_overlays,
        help="An overlay with corrections of the document; repeatable.",
    )  # fmt: skip
    spec = click.option(
        "--spec",
        metavar="DOC",
        envvar="DYNAOPENAI_SPEC",
        shell_complete=_api_names,
        help="Path, URL or API name (see `dynaopenai api`) of the OpenAPI document; the OpenAI API's where left out.",
    )
    return spec(overlay(command))


json_option: Callable[[F], F] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def validate_option(default: str, meaning: str) -> Callable[[F], F]:
    """``--validate``: what becomes of what breaks the document."""
    policies = click.Choice(["strict", "warn"])
    return click.option("--validate", default=default, show_default=True, type=policies, help=meaning)


def client_of(spec: str | None, **options: Any) -> Client:
    """The client that the command line, the environment and the settings file describe."""
    config = read()
    given = {key: value for key, value in options.items() if value is not None}
    merged = {**config.options, **given}
    if "base_url" in config.options and "base_url" not in given and not _is_near(config.options["base_url"]):
        merged.setdefault("api_key", {})  # the environment's key does not follow a file elsewhere
    context = click.get_current_context(silent=True)
    overlays = context.meta.get(OVERLAYS, ()) if context is not None else ()
    try:
        return Client(spec or config.spec, overlays=overlays, **merged)
    except ValueError as error:  # an option that makes no sense
        raise click.UsageError(str(error)) from None


def _is_near(url: str) -> bool:
    from ..._request.origin import origin

    try:
        where = origin(url)
    except ValueError:
        return False  # which is told when it is used
    return where.is_home or where.is_loopback


def header_of(text: str) -> tuple[str, str]:
    """The name and the value of a header, as ``--header`` takes them."""
    name, sign, value = text.partition(":")
    if not sign or not name.strip():
        raise click.UsageError(f"--header: found {text!r}, expected NAME:VALUE")
    return name.strip(), value.strip()


# --- completion: it proposes or is silent, whatever is wrong ---------------------------------------


def complete_operation(ctx: click.Context, param: click.Parameter, text: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    return _proposed(lambda client: operations(client, text), ctx)


def complete_thing(ctx: click.Context, param: click.Parameter, text: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    return _proposed(lambda client: operations(client, text) + schemas(client, text), ctx)


def complete_word(ctx: click.Context, param: click.Parameter, text: str) -> list[CompletionItem]:
    given = [word for word in ctx.params.get(str(param.name)) or () if word]
    return _proposed(lambda client: words(_operation(client, ctx), given, text), ctx)


def _operation(client: Client, ctx: click.Context) -> Any:
    return client.operations.find(str(ctx.params["operation"]))


def _proposed(propose: Callable[[Client], list[Proposal]], ctx: click.Context) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    try:
        return [CompletionItem(word, help=description or None) for word, description in propose(client_of(ctx.params.get("spec")))]
    except Exception:  # noqa: BLE001 - a prompt is no place for a traceback
        return []
