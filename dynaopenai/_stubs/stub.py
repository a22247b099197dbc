"""A document's stub, whole: what it says of itself, classes of answers and arguments, operations, groups, clients."""

from __future__ import annotations

from collections.abc import Iterator

from .._client.engine import Engine
from .._display.prose import brief
from ..errors import SpecError
from .annotation import Annotations
from .client import Known, clients
from .naming import Names
from .operation import typed
from .text import docstring, other_name

ABOUT = """\
{title}, for editors and type checkers: `if TYPE_CHECKING: from {module} import Client`. Nothing reads this at run time.

Written by `dynaopenai stubs`, of {document}.
"""
IMPORTS = {
    "builtins.": "import builtins",
    "_abc.": "import collections.abc as _abc",
    "_datetime.": "import datetime as _datetime",
    "_os.": "import os as _os",
    "_t.": "import typing as _t",
    "_uuid.": "import uuid as _uuid",
    "_dynaopenai.": "import dynaopenai as _dynaopenai",
    "_te.": "import typing_extensions as _te",
    "_Call[": "from dynaopenai._client.awaitable import Call as _Call",
    "_AnyGroup[": "from dynaopenai._client.group import Group as _AnyGroup",
}
SHARED = """

_T_co = _t.TypeVar("_T_co", covariant=True)
_Whole_co = _t.TypeVar("_Whole_co", covariant=True)
_OperationT = _t.TypeVar("_OperationT", _dynaopenai.Operation, _dynaopenai.AsyncOperation)

_Content: _t.TypeAlias = bytes | _t.IO[bytes] | _os.PathLike[str]
_File: _t.TypeAlias = _Content | tuple[str | None, _Content] | tuple[str | None, _Content, str]

class _Answer(_dynaopenai.Data):
    __getattribute__: None  # type: ignore[assignment, misc]  # what is not declared is unknown

class _StreamOf(_dynaopenai.Stream, _t.Generic[_T_co, _Whole_co]):
    def __iter__(self) -> _te.Self: ...
    def __next__(self) -> _T_co: ...
    def __enter__(self) -> _te.Self: ...
    def final(self) -> _Whole_co: ...

class _AsyncStreamOf(_dynaopenai.AsyncStream, _t.Generic[_T_co, _Whole_co]):
    def __aiter__(self) -> _te.Self: ...
    def __anext__(self) -> _abc.Awaitable[_T_co]: ...
    async def __aenter__(self) -> _te.Self: ...
    async def final(self) -> _Whole_co: ...

class _ResponseOf(_dynaopenai.Response, _t.Generic[_T_co]):
    @property
    def data(self) -> _T_co: ...

class _Group(_AnyGroup[_OperationT]):
    __getattr__: None  # type: ignore[assignment, misc]  # what is not declared is unknown

"""


def stub(engine: Engine, module: str) -> str:
    """The text of ``module.pyi``.

    Raises:
        SpecError: the document has no operation that can be read.
    """
    names = Names()
    given, taken = Annotations("response", names), Annotations("request", names)
    classes: dict[str, Known] = {}
    lines: list[str] = []
    for operation_id, entry in engine.contract.openapi.entries.items():
        try:
            found = typed(engine.plan(operation_id), given, taken, names)
        except SpecError:
            classes[operation_id] = UNREAD, ""  # which is told where it is used, and by `check`
            continue
        classes[operation_id] = f"{{}}{found.name}", brief(entry.summary)
        lines += found.lines
    declared = [*given.declarations(), *taken.declarations()]
    others = sorted({name for one in declared for name in one.hidden()})
    api = engine.contract.openapi
    about = ABOUT.format(title=api.title or "An API", module=module, document=f"{api.document.name}, sha256 {api.document.digest()}")
    body = [*(line for one in declared for line in one.lines()), *lines, *clients(engine, classes, names), *_others(others)]
    text = SHARED + "\n".join(body) + "\n"
    return "\n".join([*docstring(about), "", *(line for used, line in IMPORTS.items() if used in text), text])


UNREAD = "_dynaopenai.{}Operation"


def _others(names: list[str]) -> Iterator[str]:
    return (f"{other_name(name)}: _t.TypeAlias = {name}" for name in names)
