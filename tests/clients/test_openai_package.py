"""The official package, unmodified, works against the mock server, and through the proxy before it: calls, streams, uploads, errors, retries."""

from __future__ import annotations

import asyncio
import base64
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dynaopenai._checking.contract import Contract
from dynaopenai._document.document import load
from dynaopenai._mock.server import MockServer
from dynaopenai.testing import ValidatingProxy

openai = pytest.importorskip("openai", reason="the official package is not installed: pip install 'dynaopenai[dev]'")
pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

MESSAGES: list[Any] = [{"role": "user", "content": "Hello!"}]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(load(None))


@pytest.fixture
def server(contract: Contract) -> Iterator[MockServer]:
    with MockServer(contract) as server:
        yield server
    assert [record.verdict for record in server.requests if record.status < 400 and record.verdict] == []


@pytest.fixture(params=["straight", "through the proxy"])
def url(server: MockServer, contract: Contract, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the client calls: the results are the same through the proxy as without it."""
    if request.param == "straight":
        yield server.url
        return
    with ValidatingProxy(server.url, contract) as proxy:
        yield proxy.url
    assert proxy.exchanges  # all that passed is judged when it has stopped
    assert [str(passed) for passed in proxy.exchanges if passed.status < 400 and (passed.request or passed.response)] == []


@pytest.fixture
def client(url: str) -> Iterator[Any]:
    with openai.OpenAI(base_url=url, api_key="sk-mock", max_retries=0) as client:
        yield client


def test_chat(client: Any) -> None:
    answer = client.chat.completions.create(model="gpt-4", messages=MESSAGES)

    assert answer.model == "gpt-4"
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content
    assert answer.usage.total_tokens > 0


def test_chat_with_functions(client: Any) -> None:
    function = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}

    answer = client.chat.completions.create(
        model="gpt-4", messages=MESSAGES, functions=[function], function_call="auto"
    )

    assert answer.choices


def test_streamed_chat(client: Any) -> None:
    with client.chat.completions.create(model="gpt-4", messages=MESSAGES, stream=True) as stream:
        chunks = list(stream)

    assert len(chunks) > 1
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def test_a_stream_that_is_left_early_frees_its_connection(client: Any, server: MockServer) -> None:
    stream = client.chat.completions.create(model="gpt-4", messages=MESSAGES, stream=True)
    next(iter(stream))
    stream.close()

    assert client.models.list().data
    assert len(server.requests) == 2


def test_completions(client: Any) -> None:
    assert client.completions.create(model="gpt-3.5-turbo-instruct", prompt="Say").choices[0].text
    streamed = list(client.completions.create(model="gpt-3.5-turbo-instruct", prompt="Say", stream=True))
    assert len(streamed) > 1


@pytest.mark.parametrize("options", [{}, {"encoding_format": "float"}])
def test_embeddings_are_numbers(options: dict[str, Any], client: Any) -> None:
    vector = client.embeddings.create(model="text-embedding-ada-002", input="Hello", **options).data[0].embedding

    assert len(vector) >= 3
    assert all(isinstance(number, float) for number in vector)
    assert vector == pytest.approx(
        client.embeddings.create(model="text-embedding-ada-002", input="x").data[0].embedding, rel=1e-6
    )


def test_embeddings_are_packed_where_that_is_asked_for(client: Any, server: MockServer) -> None:
    packed = (
        client.embeddings.create(model="text-embedding-ada-002", input="x", encoding_format="base64").data[0].embedding
    )
    numbers = (
        client.embeddings.create(model="text-embedding-ada-002", input="x", encoding_format="float").data[0].embedding
    )

    assert isinstance(packed, str)
    unpacked = struct.unpack(f"<{len(numbers)}f", base64.b64decode(packed))
    assert list(unpacked) == pytest.approx(numbers, rel=1e-6)


def test_images(client: Any) -> None:
    assert client.images.generate(prompt="a cat", response_format="url").data[0].url
    image = client.images.generate(prompt="a cat", response_format="b64_json").data[0]
    assert (image.url, bool(image.b64_json)) == (None, True)


def test_images_with_upload(client: Any, server: MockServer) -> None:
    edited = client.images.edit(image=("a.png", PNG), mask=("m.png", PNG), prompt="a hat", n=1, size="256x256")
    varied = client.images.create_variation(image=("a.png", PNG), n=2)

    assert edited.data
    assert varied.data
    assert [record.operation_id for record in server.requests] == ["createImageEdit", "createImageVariation"]


def test_transcription(client: Any) -> None:
    sound = ("a.mp3", b"ID3\x00")

    assert client.audio.transcriptions.create(file=sound, model="whisper-1").text
    assert isinstance(client.audio.transcriptions.create(file=sound, model="whisper-1", response_format="text"), str)
    assert client.audio.translations.create(file=sound, model="whisper-1").text


def test_files_from_upload_to_deletion(client: Any) -> None:
    content = b'{"messages": []}\n' * 1000
    made = client.files.create(file=("data.jsonl", content), purpose="fine-tune")
    other = client.files.create(file=("other.jsonl", b"{}\n"), purpose="fine-tune")

    assert (made.filename, made.bytes, made.purpose) == ("data.jsonl", len(content), "fine-tune")
    assert client.files.retrieve(made.id).id == made.id
    assert {file.id for file in client.files.list()} == {made.id, other.id}
    assert client.files.content(made.id).read() == content
    assert client.files.delete(made.id).deleted is True
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(made.id)
    assert [file.id for file in client.files.list()] == [other.id]


def test_fine_tuning_with_pagination(client: Any) -> None:
    jobs = [
        client.fine_tuning.jobs.create(model="gpt-3.5-turbo", training_file=f"file-{number}") for number in range(5)
    ]

    first = client.fine_tuning.jobs.list(limit=2)

    assert ([job.id for job in first.data], first.has_next_page()) == ([job.id for job in jobs[:2]], True)
    assert [job.id for job in client.fine_tuning.jobs.list(limit=2)] == [job.id for job in jobs]
    assert client.fine_tuning.jobs.retrieve(jobs[3].id).training_file == "file-3"
    assert client.fine_tuning.jobs.cancel(jobs[3].id).status == "cancelled"
    assert client.fine_tuning.jobs.retrieve(jobs[3].id).status == "cancelled"
    assert list(client.fine_tuning.jobs.list_events(jobs[0].id, limit=1))


def test_moderation(client: Any) -> None:
    assert isinstance(client.moderations.create(input="x").results[0].flagged, bool)


def test_models(client: Any) -> None:
    assert list(client.models.list())
    assert client.models.retrieve("gpt-4").id == "gpt-4"
    assert client.models.delete("ft-mine").deleted is True


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda client: client.chat.completions.create(model="gpt-4", messages=[{"role": "usr", "content": "x"}]), "BadRequestError"),
        (lambda client: client.images.generate(prompt="x", n=99), "BadRequestError"),
        (lambda client: client.get("/modles", cast_to=object), "NotFoundError"),
        (lambda client: client.models.list(extra_headers={"Authorization": openai.Omit()}), "AuthenticationError"),
    ],
)  # fmt: skip
def test_errors_are_those_of_the_package(call: Callable[[Any], Any], error: str, client: Any) -> None:
    with pytest.raises(getattr(openai, error)) as caught:
        call(client)

    assert caught.value.request_id.startswith("req_mock_")
    assert caught.value.body["message"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
        (503, "InternalServerError"),
    ],
)
def test_each_error_status_is_the_packages_error(status: int, error: str, contract: Contract) -> None:
    with MockServer(contract, faults={"listModels": status}) as server:
        client = openai.OpenAI(base_url=server.url, api_key="sk-mock", max_retries=0)
        with client, pytest.raises(getattr(openai, error)) as caught:
            client.models.list()

    assert caught.value.status_code == status


def test_the_package_tries_again_until_it_gets_through(contract: Contract) -> None:
    server = MockServer(contract, faults={"listModels": {429: 0.9}}, seed=3)
    with server, openai.OpenAI(base_url=server.url, api_key="sk-mock", max_retries=20) as client:
        client._calculate_retry_timeout = lambda *_, **__: 0.0
        assert client.models.list().data

    assert {record.status for record in server.requests} == {200, 429}
    assert [record.status for record in server.requests][-1] == 200


class TestAsync:
    def run(self, url: str, call: Callable[[Any], Any]) -> Any:
        async def main() -> Any:
            async with openai.AsyncOpenAI(base_url=url, api_key="sk-mock", max_retries=0) as client:
                return await call(client)

        return asyncio.run(main())

    def test_calls_side_by_side(self, url: str) -> None:
        async def call(client: Any) -> list[Any]:
            asks = [client.chat.completions.create(model=f"gpt-{number}", messages=MESSAGES) for number in range(20)]
            return await asyncio.gather(*asks)

        assert [answer.model for answer in self.run(url, call)] == [f"gpt-{number}" for number in range(20)]

    def test_streams(self, url: str) -> None:
        async def call(client: Any) -> list[Any]:
            stream = await client.chat.completions.create(model="gpt-4", messages=MESSAGES, stream=True)
            return [chunk async for chunk in stream]

        assert len(self.run(url, call)) > 1

    def test_uploads_and_pages(self, url: str) -> None:
        async def call(client: Any) -> list[str]:
            made = [await client.files.create(file=(f"{name}.jsonl", b"{}"), purpose="fine-tune") for name in "ab"]
            assert (await client.files.content(made[0].id)).read() == b"{}"
            return [file.filename async for file in client.files.list()]

        assert self.run(url, call) == ["a.jsonl", "b.jsonl"]

    def test_errors(self, url: str) -> None:
        with pytest.raises(openai.BadRequestError):
            self.run(url, lambda client: client.images.generate(prompt="x", n=99))


def test_it_works_against_the_command_line_too() -> None:
    words = [sys.executable, "-m", "dynaopenai", "mock", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split(" at ")[1].split()[0]
        with openai.OpenAI(base_url=url, api_key="sk-mock") as client:
            assert client.models.retrieve("gpt-4").id == "gpt-4"
        process.terminate()
        assert process.stderr is not None
        said, complaint = process.stdout.read(), process.stderr.read()
        process.wait(30)

    assert "200 GET /v1/models/gpt-4  retrieveModel  valid" in said
    assert (complaint, process.returncode) == ("stopped\n", 0)
