"""One field more than the document declares, with all checks on; and where options go that people type into the call."""

import json

import pytest

from dynaopenai import Client, RequestValidationError

MESSAGES = [{"role": "user", "content": "Hi"}]


@pytest.fixture(scope="module")
def client():
    return Client(api_key="sk-test", base_url="http://127.0.0.1:9/v1")


def body(request):
    return json.loads(request.body)


def test_an_undeclared_field_is_sent_beside_the_declared_ones(client):
    op = client.createChatCompletion.with_options(extra={"top_k": 5})
    assert body(op.prepare(model="m", messages=MESSAGES)) == {"model": "m", "messages": MESSAGES, "top_k": 5}
    assert "top_k" not in body(client.createChatCompletion.prepare(model="m", messages=MESSAGES))


def test_fields_add_up_over_copies(client):
    op = client.with_options(extra={"top_k": 5}).createChatCompletion.with_options(extra={"min_p": 0.1, "top_k": 6})
    assert body(op.prepare(model="m", messages=MESSAGES)) | {"model": "", "messages": []} == {
        "model": "", "messages": [], "top_k": 6, "min_p": 0.1,
    }  # fmt: skip


def test_what_is_declared_stays_checked(client):
    op = client.createChatCompletion.with_options(extra={"top_k": 5})
    with pytest.raises(RequestValidationError, match="temperature: found 9"):
        op.prepare(model="m", messages=MESSAGES, temperature=9)
    with pytest.raises(RequestValidationError, match=r"top_l: unknown argument"):
        op.prepare(model="m", messages=MESSAGES, top_l=9)


def test_a_declared_field_belongs_into_the_call(client):
    op = client.createChatCompletion.with_options(extra={"temperature": 9})
    with pytest.raises(RequestValidationError, match=r"extra.temperature: found a declared field beside the call"):
        op.prepare(model="m", messages=MESSAGES)


def test_an_operation_without_a_body_takes_none(client):
    with pytest.raises(RequestValidationError, match=r"extra.top_k: found a field beside the call"):
        client.listModels.with_options(extra={"top_k": 5}).prepare()


def test_an_upload_takes_fields_too(client):
    op = client.createFile.with_options(extra={"expires": "1d"})
    request = op.prepare(file=b"{}\n", purpose="fine-tune")
    assert b'name="expires"\r\n\r\n1d\r\n' in b"".join(request.body)


@pytest.mark.parametrize("extra", [7, ["top_k"], {1: 2}])
def test_what_is_no_mapping_of_fields_is_refused(client, extra):
    with pytest.raises(ValueError, match=r"extra: found .*, expected a mapping of fields by name"):
        client.createChatCompletion.with_options(extra=extra)


@pytest.mark.parametrize(
    ("typed", "option"),
    [("timeout", "timeout"), ("max_retries", "max_retries"), ("extra_body", "extra"), ("extra_headers", "headers"), ("extra_query", "query"), ("extra", "extra"), ("api_key", "api_key")],
)
def test_an_option_typed_into_the_call_leads_beside_it(client, typed, option):
    with pytest.raises(RequestValidationError, match=rf"{typed}: unknown argument(?s:.*)beside the call: with_options\({option}=...\)"):
        client.createChatCompletion.prepare(model="m", messages=MESSAGES, **{typed: 1})
