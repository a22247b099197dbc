"""Many calls at once under asyncio, a few of them in flight; and one stream read by several readers.

python examples/fan_out.py      (needs aiohttp: pip install 'dynaopenai[async]')
"""

import asyncio

from connect import connect

from dynaopenai import AsyncClient

CITIES = ("Brest", "Cork", "Dover", "Emden", "Faro", "Ghent")
DONE = object()


def about(city: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"When is high water in {city}?"}]


async def fan_out(client: AsyncClient) -> None:
    """All of them at once, three in flight: a semaphore is all it takes."""
    allowed = asyncio.Semaphore(3)

    async def ask(city: str) -> str:
        async with allowed:
            reply = await client.createChatCompletion(model="gpt-4", messages=about(city))
            return f"{city}: {reply.choices[0].message.content}"

    for answer in await asyncio.gather(*map(ask, CITIES)):
        print(answer)


async def broadcast(client: AsyncClient) -> None:
    """One stream, read once and handed to every reader as it comes."""
    queues = [asyncio.Queue() for _ in range(3)]

    async def read(queue: asyncio.Queue) -> str:
        text = ""
        while (piece := await queue.get()) is not DONE:
            text += piece
        return text

    readers = [asyncio.create_task(read(queue)) for queue in queues]
    async with await client.createChatCompletion(model="gpt-4", messages=about("Galway"), stream=True) as chunks:
        async for chunk in chunks:
            for queue in queues:
                queue.put_nowait(chunk.choices[0].delta.get("content") or "")
    for queue in queues:
        queue.put_nowait(DONE)
    print(set(await asyncio.gather(*readers)))


async def main(base_url: str, key: str | None) -> None:
    async with AsyncClient(base_url=base_url, api_key=key) as client:
        await fan_out(client)
        await broadcast(client)


with connect() as plain:
    asyncio.run(main(plain.base_url, None if "api.openai.com" in plain.base_url else "sk-mock"))
