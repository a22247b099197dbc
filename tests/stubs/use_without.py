# What type checkers know without a stub: `# error` is refused in that line, `# is TYPE` is the type of what `reveal_type` holds.
from __future__ import annotations

from typing import Any

from typing_extensions import reveal_type

from dynaopenai import AsyncClient, Client, Operation

client = Client("pets.json", api_key="k")
operation: Operation = client.addPet
reveal_type(client.addPet)  # is OperationOrGroup
reveal_type(client["addPet"])  # is Operation
reveal_type(client.pets.toys.retrieve.send("p", "t"))  # is Response
reveal_type(client.addPet.with_options(timeout=3, headers={"X-A": None}).send().status_code)  # is int
reveal_type(client.with_options(max_retries=0).pets.list.send().request_id)  # is str | None
client.with_options(timeuot=3)  # error
client.with_options(max_retries="3")  # error
client.addPet.with_options(validate_requests="loudly")  # error


def called(operation: Operation) -> Any:
    return operation.sned()  # error


async def awaited() -> Any:
    async with AsyncClient("pets.json") as client:
        reveal_type(await client.pets.toys.retrieve.send("p", "t"))  # is Response
        client.pets.with_options(timeuot=3)  # error
