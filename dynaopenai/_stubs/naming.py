"""Names in a stub: each class has one of its own, which neither Python nor another class has taken."""

from __future__ import annotations

import builtins
import re

from .._request.arguments import identifier

FILES_OWN = ("Client", "AsyncClient")


class Names:
    """The names of a file, given out once each; the same ones for the same document."""

    def __init__(self) -> None:
        self._taken = {*dir(builtins), *FILES_OWN}
        self._next: dict[str, int] = {}

    def free(self, wanted: str) -> str:
        """``wanted`` where nobody has it, else with a number."""
        return self._free(wanted, ("",))

    def free_for_both(self, wanted: str) -> str:
        """The same, and free with ``Async`` before it, too."""
        return self._free(wanted, ("", "Async"))

    def _free(self, wanted: str, prefixes: tuple[str, ...]) -> str:
        name, number = wanted, self._next.get(wanted, 2)
        while not self._taken.isdisjoint(prefix + name for prefix in prefixes):
            name, number = f"{wanted}{number}", number + 1
        self._next[wanted] = number
        self._taken.update(prefix + name for prefix in prefixes)
        return name


def pascal(name: str) -> str:
    """``list-pet_toys`` is ``ListPetToys``; what is spelled so already stays."""
    words = re.findall(r"\w+", name.replace("_", " "))
    return identifier("".join(word[0].upper() + word[1:] for word in words) or "Unnamed")
