"""A search finds what is meant, by a few letters of it or by a word of what it takes."""

import os
from pathlib import Path

import pytest
from shop import SHOP

from dynaopenai import Client
from dynaopenai._client.find import NAME, PROSE, Gathered, Page, search, tokens

CORPUS = os.environ.get("DYNAOPENAI_CORPUS", "")


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()


@pytest.fixture(scope="module")
def shop() -> Client:
    return Client(SHOP)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("fine tun job create", "createFineTuningJob"),
        ("finetuning events", "listFineTuningEvents"),
        ("embed", "createEmbedding"),
        ("embeding", "createEmbedding"),
        ("upload file", "createFile"),
        ("list models", "listModels"),
        ("POST /moderations", "createModeration"),
        ("transcri", "createTranscription"),
        ("CHAT", "createChatCompletion"),
        ("transcribe", "createTranscription"),
        ("speech to text", "createTranscription"),
        ("modrate", "createModeration"),
        ("transcripton", "createTranscription"),
        ("files", "createFile"),
        ("how do I turn a text into vectors", "createEmbedding"),
        ("whisper", "createTranscription"),
        ("moderations", "createModeration"),
        ("chat.completions.create", "createChatCompletion"),
    ],
)
def test_the_best_comes_first(client: Client, words: str, first: str) -> None:
    assert client.find(words)[0].id == first


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("discount", ["createOrder"]),  # a property of the body
        ("region", ["listOrders"]),  # a parameter
        ("packed", ["createOrder"]),  # the description
        ("zzzz", []),
        ("", []),
    ],
)
def test_what_an_operation_takes_is_searched(shop: Client, words: str, found: list[str]) -> None:
    assert [operation.id for operation in shop.find(words)] == found


def test_schemas_are_found_as_well(shop: Client) -> None:
    found = shop.find("piece")

    assert found.schemas == ["Piece"]
    assert repr(found).splitlines() == ["  createOrder  POST   /orders  Place an order", "  schemas: Piece"]
    assert repr(shop.find("zzzz")) == "  nothing fits 'zzzz'"


def test_what_is_deprecated_comes_later(client: Client) -> None:
    deprecated = [operation.deprecated for operation in client.find("fine tun")]

    assert not deprecated[0]
    assert any(deprecated)


@pytest.mark.parametrize(
    ("text", "split"),
    [("createFineTuning_job", ["create", "fine", "tuning", "job"]), ("HTTPServer", ["http", "server"]), ("a-b/{c_d}", ["a", "b", "c", "d"])],
)
def test_names_are_split_into_words(text: str, split: list[str]) -> None:
    assert tokens(text) == split


def test_of_equals_what_makes_something_comes_first_and_then_what_lists_it() -> None:
    operation: dict = {"responses": {}}
    paths = {
        "/teas/{id}": {"parameters": [{"in": "path", "name": "id", "required": True, "schema": {}}]}
        | {method: {"operationId": f"{method}Tea", **operation} for method in ("delete", "get")},
        "/teas": {"get": {"operationId": "listTea", **operation}, "post": {"operationId": "createTea", **operation}},
    }
    found = Client({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}).find("tea")

    assert [operation.id for operation in found] == ["createTea", "listTea", "getTea", "deleteTea"]


def test_words_side_by_side_mean_what_they_say_together() -> None:
    def page(name: str, text: str) -> Page:
        return Page("operation", name, Gathered().weights([(PROSE, text), (NAME, name)]))

    pages = [page("speak", "Speech from a text: text to speech."), page("hear", "Speech to text")]

    assert [found.name for found in search(pages, "speech to text")] == ["hear", "speak"]
    assert [found.name for found in search(pages, "text to speech")] == ["speak", "hear"]


def test_where_no_page_has_every_word_those_with_most_count() -> None:
    pages = [Page("operation", "a", {"red": 1.0, "blue": 1.0}), Page("operation", "b", {"red": 9.0})]

    assert [page.name for page in search(pages, "red blue nothing")] == ["a"]


@pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder of documents")
def test_a_large_document_is_searched() -> None:
    client = Client(Path(CORPUS) / "openai-2.3.0.yaml")
    meant = {
        "vector store file batch create": "createVectorStoreFileBatch",
        "fine tun job creat": "createFineTuningJob",
        "transcribe": "createTranscription",
        "speech to text": "createTranscription",
        "text to speech": "createSpeech",
        "chat": "createChatCompletion",
        "cancel batch": "cancelBatch",
        "list batch": "listBatches",
        "delete file": "deleteFile",
        "generate image": "createImage",
        "emebddings": "createEmbedding",
        "asistant": "createAssistant",
    }

    assert {words: client.find(words)[0].id for words in meant} == meant
