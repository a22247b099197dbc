"""The example in every operation's help runs as it is pasted."""

from collections.abc import Iterator
from typing import Any

import pytest
from shop import SHOP

from dynaopenai import Binary, Client, Stream
from dynaopenai._mock.server import MockServer

DOCUMENTS: dict[str, Any] = {"bundled": None, "shop": SHOP}
OPERATIONS = [(name, operation_id) for name, document in DOCUMENTS.items() for operation_id in Client(document).operations]


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, Client]]:
    with MockServer() as bundled, MockServer(SHOP) as shop:
        servers = {"bundled": bundled, "shop": shop}
        yield {name: Client(DOCUMENTS[name], base_url=server.url, api_key="sk-mock") for name, server in servers.items()}


@pytest.mark.parametrize(("document", "operation_id"), OPERATIONS)
@pytest.mark.filterwarnings("ignore:.*is deprecated by:DeprecationWarning")
def test_an_example_runs_as_pasted(clients: dict[str, Client], document: str, operation_id: str) -> None:
    client = clients[document]
    shown = str(client[operation_id].__doc__)
    pasted = "\n".join(line.removeprefix("    ") for line in shown.partition("Example:\n")[2].splitlines())

    answer = eval(pasted, {"client": client})

    assert pasted.startswith(("client.", "client["))
    if isinstance(answer, (Binary, Stream)):
        with answer:
            assert list(answer)
    else:
        assert (answer is None) == ("None: the answer has no body." in shown)
