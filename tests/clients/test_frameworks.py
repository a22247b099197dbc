"""The packages that people have between them and the API, unmodified, against the mock of the API's newest document."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynaopenai._mock.server import MockServer

SPEC = Path(os.environ.get("DYNAOPENAI_CORPUS", "")) / "openai-2.3.0.yaml"
pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(not SPEC.is_file(), reason="DYNAOPENAI_CORPUS names no folder with openai-2.3.0.yaml"),
    pytest.mark.filterwarnings("ignore"),
]
ASK: list[Any] = [{"role": "user", "content": "How warm is it in Bergen?"}]
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 2}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(SPEC) as server:
        yield server


@pytest.fixture
def env(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mock")
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    return server.url


def person() -> type[Any]:
    pydantic = pytest.importorskip("pydantic")
    return pydantic.create_model("Person", name=(str, ...), age=(int, ...), tags=(list[str], ...))


class TestOpenAI:
    @pytest.fixture
    def client(self, env: str) -> Iterator[Any]:
        with pytest.importorskip("openai").OpenAI(max_retries=0) as client:
            yield client

    def test_chat_streamed_by_its_helper(self, client: Any) -> None:
        with client.chat.completions.stream(model="gpt-4o", messages=ASK, stream_options={"include_usage": True}) as stream:
            kinds = [event.type for event in stream]
            whole = stream.get_final_completion()

        assert {"chunk", "content.delta", "content.done"} <= set(kinds)
        assert whole.choices[0].message.content == client.chat.completions.create(model="m", messages=ASK).choices[0].message.content
        assert whole.choices[0].finish_reason == "stop"
        assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens

    def test_several_choices_streamed(self, client: Any) -> None:
        with client.chat.completions.stream(model="gpt-4o", messages=ASK, n=3) as stream:
            whole = stream.get_final_completion()

        assert [choice.index for choice in whole.choices] == [0, 1, 2]
        assert all(choice.message.content for choice in whole.choices)

    def test_parsed_chat(self, client: Any) -> None:
        answer = client.chat.completions.parse(model="gpt-4o", messages=ASK, response_format=person())

        assert answer.choices[0].message.parsed.age >= 0
        assert answer.choices[0].message.refusal is None

    def test_parsed_and_streamed_chat(self, client: Any) -> None:
        with client.chat.completions.stream(model="gpt-4o", messages=ASK, response_format=person()) as stream:
            assert stream.get_final_completion().choices[0].message.parsed.name

    def test_parsed_response(self, client: Any) -> None:
        assert client.responses.parse(model="gpt-4o", input="x", text_format=person()).output_parsed.name
        with client.responses.stream(model="gpt-4o", input="x", text_format=person()) as stream:
            assert stream.get_final_response().output_parsed.name

    def test_responses_stream(self, client: Any) -> None:
        with client.responses.stream(model="gpt-4o", input="Hi") as stream:
            events = list(stream)
            whole = stream.get_final_response()

        kinds = [event.type for event in events]
        assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == whole.output_text != ""
        assert whole.usage.total_tokens > 0
        assert client.responses.retrieve(whole.id).id == whole.id

    @pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "weather"}}])
    def test_tools_in_chat(self, choice: Any, client: Any) -> None:
        tool = {"type": "function", "function": {"name": "weather", "parameters": WEATHER}}
        message = client.chat.completions.create(model="gpt-4o", messages=ASK, tools=[tool], tool_choice=choice).choices[0]
        with client.chat.completions.stream(model="gpt-4o", messages=ASK, tools=[tool], tool_choice=choice) as stream:
            streamed = stream.get_final_completion().choices[0]

        for found in (message, streamed):
            call = found.message.tool_calls[0]
            assert (call.function.name, found.finish_reason) == ("weather", "tool_calls")
            assert __import__("json").loads(call.function.arguments)["days"] >= 2

    def test_tools_in_responses(self, client: Any) -> None:
        tool = {"type": "function", "name": "weather", "parameters": WEATHER, "strict": True}
        answer = client.responses.create(model="gpt-4o", input="x", tools=[tool], tool_choice="required")
        with client.responses.stream(model="gpt-4o", input="x", tools=[tool], tool_choice="required") as stream:
            kinds = {event.type for event in stream}
            streamed = stream.get_final_response()

        for found in (answer, streamed):
            assert (found.output[0].type, found.output[0].name) == ("function_call", "weather")
        assert "response.function_call_arguments.delta" in kinds

    def test_as_many_as_are_asked_for(self, client: Any) -> None:
        assert [item.index for item in client.embeddings.create(model="m", input=["a", "b", "c"]).data] == [0, 1, 2]
        assert len(client.images.generate(prompt="x", n=2, model="dall-e-2").data) == 2
        assert len(client.moderations.create(input=["a", "b"]).results) == 2
        assert len(client.completions.create(model="m", prompt=["a", "b"], n=2).choices) == 4

    def test_polling_ends(self, client: Any) -> None:
        store = client.vector_stores.create(name="s")
        file = client.files.create(file=("a.txt", b"x"), purpose="assistants")
        kept = client.vector_stores.files.create_and_poll(file_id=file.id, vector_store_id=store.id, poll_interval_ms=1)
        batch = client.vector_stores.file_batches.create_and_poll(store.id, file_ids=[file.id], poll_interval_ms=1)
        run = client.beta.threads.runs.create_and_poll(thread_id="thread_1", assistant_id="asst_1", poll_interval_ms=1)

        assert (kept.status, batch.status, run.status) == ("completed",) * 3
        assert client.files.wait_for_processing(file.id, poll_interval=0.001).status == "processed"
        made = client.videos.create_and_poll(prompt="a cat", poll_interval_ms=1)
        assert made.status == "completed"

    def test_several_uploads(self, client: Any) -> None:
        edited = client.images.edit(image=[("a.png", b"1"), ("b.png", b"2")], prompt="x", model="gpt-image-1")
        assert edited.data
        heard = client.audio.transcriptions.create(file=("a.mp3", b"x"), model="whisper-1", response_format="text")
        assert isinstance(heard, str)
        spoken = client.audio.transcriptions.create(
            file=("a.mp3", b"x"), model="whisper-1", response_format="verbose_json", timestamp_granularities=["word", "segment"]
        )
        assert spoken.text

    def test_transcription_streamed(self, client: Any) -> None:
        events = list(client.audio.transcriptions.create(file=("a.mp3", b"x"), model="gpt-4o-transcribe", stream=True))

        said = "".join(event.delta for event in events if event.type == "transcript.text.delta")
        assert events[-1].type == "transcript.text.done"
        assert said == events[-1].text

    def test_the_same_without_waiting(self, env: str) -> None:
        openai = pytest.importorskip("openai")

        async def main() -> None:
            async with openai.AsyncOpenAI(max_retries=0) as client:
                async with client.chat.completions.stream(model="m", messages=ASK, response_format=person()) as stream:
                    assert (await stream.get_final_completion()).choices[0].message.parsed.name
                async with client.responses.stream(model="m", input="x") as stream:
                    assert (await stream.get_final_response()).output_text
                parsed = await client.responses.parse(model="m", input="x", text_format=person())
                assert parsed.output_parsed.name
                run = await client.beta.threads.runs.create_and_poll(thread_id="t", assistant_id="a", poll_interval_ms=1)
                assert run.status == "completed"
                assert (await client.images.edit(image=[("a.png", b"1"), ("b.png", b"2")], prompt="x")).data

        asyncio.run(main())


class TestLangChain:
    @pytest.fixture(params=[False, True], ids=["chat", "responses"])
    def model(self, request: pytest.FixtureRequest, env: str) -> Any:
        langchain = pytest.importorskip("langchain_openai")
        own = 30 + id(request) % 1000  # by which its connections are its own, and not those of a loop that was closed
        return langchain.ChatOpenAI(model="gpt-4o", max_retries=0, use_responses_api=request.param, timeout=own)

    def test_plain_and_streamed(self, model: Any) -> None:
        whole = model.invoke("Hi").text
        assert whole
        assert "".join(chunk.text for chunk in model.stream("Hi")) == whole

    @pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
    def test_structured(self, method: str, model: Any) -> None:
        if method == "json_mode":
            assert isinstance(model.with_structured_output(None, method=method).invoke("json"), dict)
        else:
            assert model.with_structured_output(person(), method=method).invoke("x").name

    def test_tools(self, model: Any) -> None:
        tool = {"type": "function", "function": {"name": "weather", "description": "", "parameters": WEATHER}}
        called = model.bind_tools([tool], tool_choice="any").invoke("x").tool_calls
        assert [call["name"] for call in called] == ["weather"]
        assert model.bind_tools([tool]).invoke("x").tool_calls == []

    def test_embeddings(self, env: str) -> None:
        langchain = pytest.importorskip("langchain_openai")
        embeddings = langchain.OpenAIEmbeddings(model="m", check_embedding_ctx_length=False)
        assert len(embeddings.embed_documents(["a", "b"])) == 2

    def test_without_waiting(self, model: Any) -> None:
        async def main() -> str:
            return "".join([chunk.text async for chunk in model.astream("Hi")]) + (await model.ainvoke("Hi")).text

        assert asyncio.run(main())


class TestLlamaIndex:
    @pytest.fixture
    def model(self, env: str) -> Any:
        llama = pytest.importorskip("llama_index.llms.openai")
        return llama.OpenAI(model="gpt-4o", max_retries=0, api_base=env)

    def test_plain_and_streamed(self, model: Any) -> None:
        whole = model.complete("Hi").text
        assert whole
        assert list(model.stream_complete("Hi"))[-1].text == whole

    def test_structured(self, model: Any) -> None:
        own = pytest.importorskip("llama_index.core.bridge.pydantic").BaseModel
        if not issubclass(person(), own):
            pytest.skip("this LlamaIndex knows pydantic 1 alone")
        assert model.as_structured_llm(person()).complete("x").raw.name


class TestPydanticAI:
    @pytest.fixture(params=["openai-chat:gpt-4o", "openai-responses:gpt-4o"])
    def name(self, request: pytest.FixtureRequest, env: str) -> str:
        pytest.importorskip("pydantic_ai")
        return str(request.param)

    def test_plain(self, name: str) -> None:
        from pydantic_ai import Agent

        assert Agent(name).run_sync("Hi").output

    def test_structured_by_tool_and_by_schema(self, name: str) -> None:
        from pydantic_ai import Agent, NativeOutput

        assert Agent(name, output_type=person()).run_sync("x").output.name
        assert Agent(name, output_type=NativeOutput(person())).run_sync("x").output.name

    def test_streamed(self, name: str) -> None:
        from pydantic_ai import Agent

        async def main() -> Any:
            async with Agent(name).run_stream("Hi") as run:
                text = await run.get_output()
            async with Agent(name, output_type=person()).run_stream("Hi") as run:
                return text, await run.get_output()

        text, output = asyncio.run(main())
        assert text
        assert output.name

    def test_a_tool_is_used_and_the_conversation_ends(self, name: str) -> None:
        from pydantic_ai import Agent

        agent = Agent(name, output_type=person())
        called = []

        @agent.tool_plain
        def weather(city: str) -> str:
            called.append(city)
            return "warm"

        assert agent.run_sync("x").output.name
        assert len(called) == 1


class TestInstructor:
    @pytest.mark.parametrize("mode", ["TOOLS", "JSON", "JSON_SCHEMA", "RESPONSES_TOOLS", "TOOLS_STRICT"])
    def test_structured(self, mode: str, env: str) -> None:
        instructor = pytest.importorskip("instructor")
        openai = pytest.importorskip("openai")
        client = instructor.from_openai(openai.OpenAI(max_retries=0), mode=getattr(instructor.Mode, mode))

        if mode == "JSON":  # which asks for any JSON, in words
            model = pytest.importorskip("pydantic").create_model("Told", text=(str, ...))
            assert client.chat.completions.create(model="gpt-4o", messages=ASK, response_model=model).text
        else:
            assert client.chat.completions.create(model="gpt-4o", messages=ASK, response_model=person(), max_retries=0).name

    def test_streamed(self, env: str) -> None:
        instructor = pytest.importorskip("instructor")
        openai = pytest.importorskip("openai")
        client = instructor.from_openai(openai.OpenAI(max_retries=0))

        parts = list(client.chat.completions.create_partial(model="gpt-4o", messages=ASK, response_model=person()))
        assert parts[-1].name


class TestLiteLLM:
    def test_plain_streamed_and_structured(self, env: str) -> None:
        litellm = pytest.importorskip("litellm")
        options: dict[str, Any] = {"model": "openai/gpt-4o", "messages": ASK, "api_base": env, "api_key": "sk-mock", "num_retries": 0}

        whole = litellm.completion(**options).choices[0].message.content
        assert whole
        assert "".join(chunk.choices[0].delta.content or "" for chunk in litellm.completion(**options, stream=True)) == whole
        told = litellm.completion(**options, response_format=person()).choices[0].message.content
        assert person().model_validate_json(told).name
        tool = {"type": "function", "function": {"name": "weather", "parameters": WEATHER}}
        called = litellm.completion(**options, tools=[tool], tool_choice="required").choices[0].message.tool_calls
        assert called[0].function.name == "weather"

    def test_without_waiting(self, env: str) -> None:
        litellm = pytest.importorskip("litellm")

        async def main() -> Any:
            return await litellm.acompletion("openai/gpt-4o", ASK, api_base=env, api_key="sk-mock")

        assert asyncio.run(main()).choices[0].message.content
