"""Uploads and parts are streamed, counted before they are sent, and cannot break out of their headers."""

from __future__ import annotations

import email.parser
import email.policy
import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data

from dynaopenai._request.multipart import CHUNK, Multipart, Part, Upload, UploadError


def written(body: Any) -> bytes:
    return b"".join(body)


def parsed(multipart: Multipart) -> tuple[dict[str, list[str]], dict[str, list[tuple[str | None, str | None, bytes]]]]:
    """As an independent reader sees it: fields, and files as (filename, content type, content)."""
    body = written(multipart)
    environ = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": multipart.content_type, "REQUEST_METHOD": "POST"}
    _, form, files = parse_form_data(environ)
    held = {key: [(file.filename, file.content_type, file.read()) for file in found] for key, found in files.lists()}
    for _, found in files.lists():
        for file in found:
            file.close()
    return dict(form.lists()), held


class Pipe(io.RawIOBase):
    """A file that can only be read once."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        return self._content.read(size)


class TestUpload:
    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    def test_bytes(self, kind: Any) -> None:
        upload = Upload.of(kind(b"abc"))

        assert (upload.length, upload.replayable, upload.filename, written(upload)) == (3, True, None, b"abc")

    def test_a_path(self, tmp_path: Path) -> None:
        path = tmp_path / "a.png"
        path.write_bytes(b"picture")

        upload = Upload.of(path)

        assert (upload.filename, upload.content_type, upload.length, upload.replayable) == ("a.png", "image/png", 7, True)
        assert written(upload) == written(upload) == b"picture"

    def test_an_open_file_is_read_from_where_it_stands(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_bytes(b"0123456789")
        with path.open("rb") as file:
            file.seek(4)
            upload = Upload.of(file)

            assert (upload.filename, upload.length, written(upload), written(upload)) == ("a.txt", 6, b"456789", b"456789")

    def test_a_pipe_has_no_length_and_cannot_be_sent_again(self) -> None:
        upload = Upload.of(Pipe(b"abc"))

        assert (upload.length, upload.replayable, written(upload)) == (None, False, b"abc")

    @pytest.mark.parametrize(
        ("value", "filename", "content_type"),
        [
            (("b.json", b"x"), "b.json", "application/json"),
            (("b", b"x", "text/x"), "b", "text/x"),
            (("b.bin", io.BytesIO(b"x"), "a/b; c=d"), "b.bin", "a/b; c=d"),
        ],
    )
    def test_a_named_content(self, value: Any, filename: str, content_type: str) -> None:
        upload = Upload.of(value)

        assert (upload.filename, upload.content_type, written(upload)) == (filename, content_type, b"x")

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("text", 'found "text", expected a Path, an open binary file, bytes, or (filename, content)'),
            (3, "found 3, expected a Path"),
            (io.StringIO("text"), 'found a file opened as text, expected one opened as bytes: open(path, "rb")'),
            (("a", "text"), "expected (filename, content) or (filename, content, content type)"),
            (("a",), "expected (filename, content)"),
            (("a", b"x", "png"), 'found the content type "png", expected one such as "image/png"'),
            (("a", b"x", "a/b\r\nX: y"), "found the content type"),
        ],
    )
    def test_what_is_no_file_is_refused(self, value: Any, message: str) -> None:
        with pytest.raises(UploadError) as caught:
            Upload.of(value)

        assert message in str(caught.value)

    def test_a_missing_file_gets_a_suggestion(self, tmp_path: Path) -> None:
        (tmp_path / "train.jsonl").write_bytes(b"")

        with pytest.raises(UploadError, match=r"no such file or directory; did you mean .*train\.jsonl"):
            Upload.of(tmp_path / "trian.jsonl")

    def test_a_path_too_long_to_be_shown_is_told_by_its_end(self, tmp_path: Path) -> None:
        folder = tmp_path / ("deep" * 30)
        folder.mkdir()
        (folder / "train.jsonl").write_bytes(b"")

        with pytest.raises(UploadError, match=r'^cannot read "….*deep/trian\.jsonl": no such .*; did you mean "….*deep/train\.jsonl"\?$'):
            Upload.of(folder / "trian.jsonl")

    def test_a_closed_file_is_refused(self) -> None:
        file = io.BytesIO(b"x")
        file.close()

        with pytest.raises(UploadError, match="found a closed file, expected an open one"):
            Upload.of(file)

    def test_a_file_that_grew_is_sent_as_it_was_announced(self, tmp_path: Path) -> None:
        path = tmp_path / "log"
        path.write_bytes(b"abc")
        upload = Upload.of(path)
        path.write_bytes(b"abcdef")

        assert written(upload) == b"abc"

    def test_a_file_that_shrank_is_an_error(self, tmp_path: Path) -> None:
        path = tmp_path / "log"
        path.write_bytes(b"abcdef")
        upload = Upload.of(path)
        path.write_bytes(b"abc")

        with pytest.raises(UploadError, match="log ended 3 bytes early: it was changed while it was sent"):
            written(upload)

    def test_it_is_read_piece_by_piece(self) -> None:
        pieces = list(Upload.of(io.BytesIO(b"x" * (2 * CHUNK + 1))))

        assert [len(piece) for piece in pieces] == [CHUNK, CHUNK, 1]

    def test_a_fifo_is_a_pipe(self, tmp_path: Path) -> None:
        path = tmp_path / "fifo"
        os.mkfifo(path)
        keeper = os.open(path, os.O_RDWR)
        try:
            upload = Upload.of(path)
        finally:
            os.close(keeper)

        assert (upload.length, upload.replayable) == (None, False)


class TestParts:
    def test_an_independent_reader_sees_what_was_meant(self, tmp_path: Path) -> None:
        path = tmp_path / "ü.png"
        path.write_bytes(b"\r\n--boundary\r\n")
        multipart = Multipart((
            Part("purpose", "größe".encode()),
            Part("file", Upload.of(path), "image/png", "ü.png"),
            Part("file", Upload.of(b"two")),
            Part("meta", b"{}", "application/json"),
        ))  # fmt: skip

        fields, files = parsed(multipart)

        assert fields == {"purpose": ["größe"], "meta": ["{}"]}
        assert files == {"file": [("ü.png", "image/png", b"\r\n--boundary\r\n"), ("upload", "application/octet-stream", b"two")]}

    def test_the_length_is_known_before_it_is_sent(self) -> None:
        multipart = Multipart((Part("a", b"1"), Part("f", Upload.of(io.BytesIO(b"22")), filename="ü")))

        assert multipart.length == len(written(multipart)) == len(written(multipart))
        assert multipart.replayable

    def test_a_pipe_makes_the_length_unknown(self) -> None:
        multipart = Multipart((Part("a", b"1"), Part("f", Upload.of(Pipe(b"22")))))

        assert (multipart.length, multipart.replayable) == (None, False)

    @pytest.mark.parametrize("text", ['a"b', "a\r\nX-Evil: 1", "a\nb", "a\\", "a;b", "a%22"])
    def test_no_name_ends_its_header(self, text: str) -> None:
        multipart = Multipart((Part(text, Upload.of(b"x"), None, text),))

        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
            b"Content-Type: " + multipart.content_type.encode() + b"\r\n\r\n" + written(multipart)
        )
        (part,) = message.iter_parts()
        assert set(part.keys()) == {"Content-Disposition", "Content-Type"}
        assert part.get_content() == b"x"

    @pytest.mark.parametrize("content_type", ["a/b\r\nX: y", "nothing", "a/b\n", "ü/x"])
    def test_no_content_type_ends_its_header(self, content_type: str) -> None:
        with pytest.raises(UploadError, match="found the content type"):
            Part("a", b"x", content_type)

    def test_a_name_that_is_no_text_is_refused(self) -> None:
        with pytest.raises(UploadError, match="expected Unicode text"):
            Part("a\ud800", b"x")


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.binary(max_size=300), st.booleans()), max_size=5))
def test_the_announced_length_is_the_length(parts: list[tuple[str, bytes, bool]]) -> None:
    multipart = Multipart(tuple(Part(name, Upload.of(content) if file else content) for name, content, file in parts))

    assert multipart.length == len(written(multipart))


def test_boundaries_differ() -> None:
    assert Multipart(()).boundary != Multipart(()).boundary
