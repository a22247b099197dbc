"""Nothing secret is left in recorded exchanges: by name, by value, wherever and whenever it was shown."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from dynaopenai._checking.contract import Contract
from dynaopenai._document.document import load
from dynaopenai._learn.exchange import Exchange, Message
from dynaopenai._learn.scrub import Scrubber

CONTRACT = Contract(load({"openapi": "3.1.0", "paths": {}}))
CANARY = "canary/2718+2818"
JSON, FORM = {"Content-Type": "application/json"}, {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=x"}
PLAIN = Exchange("GET", "http://h.example/", Message(), 200, Message())


def exchange(url: str = "http://h.example/", sent: Message | None = None, came: Message | None = None) -> Exchange:
    return Exchange("POST", url, sent or Message(), 200, came or Message())


def scrubbed(exchanges: list[Exchange], names: tuple[str, ...] = ()) -> list[Exchange]:
    scrubber = Scrubber(CONTRACT, names)
    for each in exchanges:
        scrubber.learn(each)
    return list(map(scrubber.scrub, exchanges))


def body(value: object) -> bytes:
    return json.dumps(value).encode()


NAMES = ["Authorization", "Private-Token", "X-Vault-Token", "Ocp-Apim-Subscription-Key", "X-Amz-Security-Token", "X-Signature", "X-JWT", "X-Session", "X-Passwd", "Cookie"]
SHOWN = {
    **{name: exchange(sent=Message({name: f"k={CANARY}" if name == "Cookie" else CANARY})) for name in NAMES},
    "Set-Cookie": exchange(came=Message({"Set-Cookie": f"session={CANARY}; Path=/"})),
    "a query": exchange(f"http://h.example/?sig={quote(CANARY, safe='')}"),
    "user info": exchange(f"http://me:{quote(CANARY, safe='')}@h.example/"),
    "Basic": exchange(sent=Message({"Authorization": "Basic " + base64.b64encode(f"me:{CANARY}".encode()).decode()})),
    "a member": exchange(sent=Message(JSON, body({"password": CANARY}))),
    "a member of an answer": exchange(came=Message(JSON, body({"token": CANARY}))),
    "a private key": exchange(came=Message(JSON, body([{"private_key": CANARY}]))),
    "an event": exchange(came=Message({"Content-Type": "text/event-stream"}, b"data: " + body({"api_key": CANARY}) + b"\n\n")),
    "a line": exchange(came=Message({"Content-Type": "application/x-ndjson"}, body({"a": 1}) + b"\n" + body({"secret": CANARY}))),
    "a member that is cut off": exchange(came=Message(JSON, body({"x": [1], "api_key": CANARY})[:-4])),
    "JSON that is cut off": exchange(came=Message(JSON, body({"api_key": CANARY, "x": [1, 2]})[:-3])),
    "a line that is cut off": exchange(came=Message({"Content-Type": "application/jsonl"}, body({"api_key": CANARY}) + b"\n" + body({"api_key": CANARY})[:-1])),
    "an event of several lines": exchange(came=Message({"Content-Type": "text/event-stream"}, f'data: {{\ndata: "api_key": "{CANARY}"\ndata: }}\n\n'.encode())),
    "an event that is a list": exchange(came=Message({"Content-Type": "text/event-stream"}, b"data: [" + body({"api_key": CANARY}) + b"]\n\n")),
    "a form that is cut off": exchange(sent=Message(PARTS, f'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n{CANARY}'.encode())),
    "XML": exchange(came=Message({"Content-Type": "application/xml"}, f"<a><password>{CANARY}</password></a>".encode())),
    "XML that is cut off": exchange(came=Message({"Content-Type": "text/xml"}, f"<a><b password='{CANARY}'>".encode())),
    "a form": exchange(sent=Message(FORM, f"password={quote(CANARY, safe='')}&a=b".encode())),
    "JSON that is called a text": exchange(came=Message({"Content-Type": "text/plain"}, body({"api_key": CANARY}))),
    "JSON that is called nothing, and cut off": exchange(came=Message({}, b" " + body({"api_key": CANARY})[:-1])),
    "a form that is called a text": exchange(came=Message({"Content-Type": "text/plain"}, f"a=b&client_secret={quote(CANARY, safe='')}".encode())),
    "a part": exchange(sent=Message(PARTS, f'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n{CANARY}\r\n--x--'.encode())),
}
ECHOES = {
    "plain": exchange(came=Message({"Content-Type": "text/plain"}, f"bad key {CANARY}".encode())),
    "escaped": exchange(came=Message(JSON, body({"message": CANARY}).replace(b"/", b"\\/"))),
    "in a path": exchange(f"http://h.example/{quote(CANARY, safe='')}"),
    "in a header": exchange(came=Message({"X-Note": f"key {CANARY}"})),
    "in bytes": exchange(came=Message({"Content-Type": "image/png"}, b"\xff\x00" + CANARY.encode())),
    "in base64": exchange(came=Message(JSON, body({"a": base64.b64encode(f"xy{CANARY}".encode()).decode()}))),
    "as a member's name": exchange(came=Message(JSON, body({CANARY: 1}))),
}
SPELLINGS = (CANARY, quote(CANARY, safe=""), CANARY.replace("/", "\\/"), base64.b64encode(f"xy{CANARY}".encode()).decode()[4:20])


@pytest.mark.parametrize("where", SHOWN)
def test_what_is_secret_by_its_name_is_taken_out(where: str) -> None:
    clean = repr(scrubbed([SHOWN[where]]))

    assert not any(spelled in clean for spelled in SPELLINGS)
    assert "***" in clean or where == "user info"
    assert clean.count("a=b") == repr(SHOWN[where]).count("a=b")


@pytest.mark.parametrize("where", SHOWN)
@pytest.mark.parametrize("how", ECHOES)
def test_what_one_exchange_shows_to_be_secret_is_taken_out_of_all(where: str, how: str) -> None:
    for exchanges in ([SHOWN[where], ECHOES[how]], [ECHOES[how], PLAIN, SHOWN[where]]):
        clean = repr(scrubbed(exchanges))
        assert not any(spelled in clean for spelled in SPELLINGS)


def test_what_is_not_secret_stays_byte_for_byte() -> None:
    kept = exchange("http://h.example/?q=a%20b", Message(JSON, b'{"a" : 1.0, "b":"\\u00e9"}'), Message({"X-Request-Id": "r"}, b"\xff"))

    assert scrubbed([kept, SHOWN["Cookie"]])[0] == kept


def test_names_that_are_given_are_secret() -> None:
    assert "something" not in repr(scrubbed([exchange(came=Message(JSON, body({"plain": "something"})))], ("plain",)))


def test_short_secrets_are_hidden_by_name() -> None:
    clean = repr(scrubbed([exchange(sent=Message(JSON, body({"password": "s3"})), came=Message(FORM, b"pwd=s3&x=s3"))]))

    assert "s3" not in clean.replace("x=s3", "")


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("application/xml", "<password>é{}</password>"),
        ("application/xml; charset=utf-16", "<password>{}</password>"),
        ("application/json; charset=utf-16", '{{"password": "{}"}}'),
        ("application/json; charset=utf-16", '{{"password": "{}", "a'),
        ("text/plain; charset=utf-16", "{}"),
    ],
)
def test_a_text_is_looked_through_in_its_own_charset(content_type: str, text: str) -> None:
    came = Message({"Content-Type": content_type}, text.format(CANARY).encode("utf-16"))
    clean = scrubbed([exchange(came=came), SHOWN["a member"]])[0].response.body

    assert clean.decode("utf-16").replace(" ", "") == text.format("***").replace(" ", "").replace("é", "")


def test_a_text_in_another_charset_that_is_not_secret_stays_byte_for_byte() -> None:
    kept = exchange(came=Message({"Content-Type": "application/xml"}, "<a>é</a>".encode("utf-16-be") + b"\xd8"))

    assert scrubbed([kept, SHOWN["Cookie"]])[0] == kept
