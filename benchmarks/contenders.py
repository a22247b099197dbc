"""Who is measured: each does the same work the way its own users would write it.

Every class is made in a process of its own, so imports stand inside. ``url`` is the server's, without ``/v1``.
A stream's every event is read as far as the text it adds; an embedding's last vector is reached.
"""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .answers import CHAT_REQUEST, EMBEDDINGS_REQUEST
from .async_contenders import CONTENDERS as ASYNC_CONTENDERS

KEY = "sk-benchmark"


class Dynaopenai:
    """This package, checking requests and answers."""

    def __init__(self, url: str, document: str | None = None) -> None:
        from dynaopenai import Client

        self.clients = {cut: Client(document, base_url=f"{url}{cut}/v1", api_key=KEY) for cut in ("", "/apart", "/bulk")}
        self.client = self.clients[""]
        for cut in ("/bulk", "/deviant"):
            lenient = Client(document, base_url=f"{url}{cut}/v1", api_key=KEY, validate_responses="warn")
            self.clients[f"{cut} under warn"] = lenient
        self.unchecked = self._without_verdicts(Client(document, base_url=f"{url}/v1", api_key=KEY))

    @staticmethod
    def _without_verdicts(client: Any) -> Any:
        """The same client, except that whatever is asked of its chat schemas is valid at once."""
        plan = client.createChatCompletion._plan  # noqa: SLF001
        told = plan.writer.content, plan.reader.declared(200).content
        for media, direction in zip(told, ("request", "response"), strict=True):
            schema = plan.writer.contract.schema(media["application/json"].schema, direction)
            schema.__dict__["is_valid"] = lambda _: True
        return client

    def chat(self) -> str:
        return self.client.createChatCompletion(**CHAT_REQUEST).choices[0].message.content

    def chat_unchecked(self) -> str:
        return self.unchecked.createChatCompletion(**CHAT_REQUEST).choices[0].message.content

    def stream(self, cut: str) -> int:
        count = 0
        for event in self.clients[cut].createChatCompletion(**CHAT_REQUEST, stream=True):
            count += event.choices[0].delta.content is not None
        return count

    def embeddings(self) -> float:
        return self.client.createEmbedding(**EMBEDDINGS_REQUEST).data[-1].embedding[-1]

    def upload(self, path: str) -> str:
        return self.client.createFile(file=Path(path), purpose="fine-tune").id


class Official:
    """The API's own package. It checks neither requests nor answers."""

    def __init__(self, url: str) -> None:
        from openai import OpenAI

        self.clients = {cut: OpenAI(base_url=f"{url}{cut}/v1", api_key=KEY) for cut in ("", "/apart", "/bulk")}
        self.client = self.clients[""]

    def chat(self) -> str:
        return self.client.chat.completions.create(**CHAT_REQUEST).choices[0].message.content

    def stream(self, cut: str) -> int:
        count = 0
        for event in self.clients[cut].chat.completions.create(**CHAT_REQUEST, stream=True):
            count += event.choices[0].delta.content is not None
        return count

    def embeddings(self) -> float:
        # its default asks for base64, which is another answer; floats are what the other contenders read
        return self.client.embeddings.create(**EMBEDDINGS_REQUEST, encoding_format="float").data[-1].embedding[-1]

    def upload(self, path: str) -> str:
        return self.client.files.create(file=Path(path), purpose="fine-tune").id


class Aiopenapi3:
    """The other client that reads the document at run time; pydantic models, httpx underneath. It reads no events."""

    def __init__(self, url: str, document: str) -> None:
        import aiopenapi3
        import httpx2

        home = Path(document)
        loader = aiopenapi3.FileSystemLoader(home.parent)
        self.api = aiopenapi3.OpenAPI.load_file(
            f"{url}/v1/", home.name, loader=loader, session_factory=httpx2.Client, use_operation_tags=False
        )
        self.api._root.servers[0].url = f"{url}/v1"  # noqa: SLF001 - it has no option for another server
        for scheme in self.api.components.securitySchemes:
            self.api.authenticate(**{scheme: KEY})

    def chat(self) -> str:
        return self.api._.createChatCompletion(data=CHAT_REQUEST).choices[0].message.content

    def embeddings(self) -> float:
        return self.api._.createEmbedding(data=EMBEDDINGS_REQUEST).data[-1].embedding[-1]


class Requests:
    """A floor: one session, and what `requests` decodes. Nothing is checked."""

    def __init__(self, url: str) -> None:
        import requests

        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {KEY}"

    def chat(self) -> str:
        answer = self.session.post(f"{self.url}/v1/chat/completions", json=CHAT_REQUEST).json()
        return answer["choices"][0]["message"]["content"]

    def embeddings(self) -> float:
        """With the fastest decoder that keeps every integer exact."""
        from jiter import from_json

        answer = self.session.post(f"{self.url}/v1/embeddings", json=EMBEDDINGS_REQUEST)
        return from_json(answer.content)["data"][-1]["embedding"][-1]


class Bare:
    """The lowest floor: `http.client` and a JSON decoder."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self.headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

    def _post(self, path: str, body: Any) -> bytes:
        self.connection.request("POST", path, json.dumps(body), self.headers)
        return self.connection.getresponse().read()

    def chat(self) -> str:
        from jiter import from_json

        return from_json(self._post("/v1/chat/completions", CHAT_REQUEST))["choices"][0]["message"]["content"]

    def stream(self, cut: str) -> int:
        """Raw split and decode of the whole, as soon as it is there."""
        from jiter import from_json

        body = self._post(f"{cut}/v1/chat/completions", {**CHAT_REQUEST, "stream": True})
        count = 0
        for event in body.split(b"\n\n"):
            if event and event != b"data: [DONE]":
                count += from_json(event[6:])["choices"][0]["delta"]["content"] is not None
        return count

    def embeddings(self) -> float:
        from jiter import from_json

        return from_json(self._post("/v1/embeddings", EMBEDDINGS_REQUEST))["data"][-1]["embedding"][-1]


CONTENDERS = {
    "dynaopenai": Dynaopenai,
    "openai": Official,
    "aiopenapi3": Aiopenapi3,
    "requests": Requests,
    "http.client": Bare,
    **ASYNC_CONTENDERS,
}
