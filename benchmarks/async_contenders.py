"""The same work under asyncio. Each contender has an event loop of its own, and what it does is done in it.

``many`` keeps `IN_FLIGHT` calls in flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from .answers import CHAT_REQUEST, EMBEDDINGS_REQUEST

KEY = "sk-benchmark"
IN_FLIGHT = 1_000


class Looped:
    """What all of them do: the same, once or many times."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def one(self) -> Any:
        raise NotImplementedError

    def chat(self) -> Any:
        return self.run(self.one())

    def many(self) -> int:
        async def all_of_them() -> int:
            return len(await asyncio.gather(*(self.one() for _ in range(IN_FLIGHT))))

        return int(self.run(all_of_them()))


class AsyncDynaopenai(Looped):
    """This package, checking requests and answers."""

    def __init__(self, url: str) -> None:
        from dynaopenai import AsyncClient

        super().__init__()
        self.clients = {cut: AsyncClient(base_url=f"{url}{cut}/v1", api_key=KEY) for cut in ("", "/apart", "/bulk")}
        self.client = self.clients[""]

    async def one(self) -> str:
        return str((await self.client.createChatCompletion(**CHAT_REQUEST)).choices[0].message.content)

    def stream(self, cut: str) -> int:
        async def read() -> int:
            count = 0
            async for event in await self.clients[cut].createChatCompletion(**CHAT_REQUEST, stream=True):
                count += event.choices[0].delta.content is not None
            return count

        return int(self.run(read()))

    def embeddings(self) -> float:
        async def read() -> float:
            return float((await self.client.createEmbedding(**EMBEDDINGS_REQUEST)).data[-1].embedding[-1])

        return float(self.run(read()))


class AsyncOfficial(Looped):
    """The API's own package. It checks neither requests nor answers."""

    def __init__(self, url: str) -> None:
        from openai import AsyncOpenAI

        super().__init__()
        self.clients = {cut: AsyncOpenAI(base_url=f"{url}{cut}/v1", api_key=KEY) for cut in ("", "/apart", "/bulk")}
        self.client = self.clients[""]

    async def one(self) -> str:
        return str((await self.client.chat.completions.create(**CHAT_REQUEST)).choices[0].message.content)

    def stream(self, cut: str) -> int:
        async def read() -> int:
            count = 0
            async for event in await self.clients[cut].chat.completions.create(**CHAT_REQUEST, stream=True):
                count += event.choices[0].delta.content is not None
            return count

        return int(self.run(read()))

    def embeddings(self) -> float:
        async def read() -> float:
            answer = await self.client.embeddings.create(**EMBEDDINGS_REQUEST, encoding_format="float")
            return float(answer.data[-1].embedding[-1])

        return float(self.run(read()))


class Aiohttp(Looped):
    """A floor: one session, and the fastest decoder. Nothing is checked."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.session: Any = None

    async def one(self) -> str:
        import aiohttp
        from jiter import from_json

        if self.session is None:
            self.session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"})
        async with self.session.post(f"{self.url}/v1/chat/completions", json=CHAT_REQUEST) as answer:
            return str(from_json(await answer.read())["choices"][0]["message"]["content"])


CONTENDERS = {"async dynaopenai": AsyncDynaopenai, "AsyncOpenAI": AsyncOfficial, "aiohttp": Aiohttp}
