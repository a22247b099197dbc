"""XML bodies by the XML Object: what is written, what is read, and that what is written reads back the same."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai import Client, RequestValidationError
from dynaopenai._checking.dialect import Dialect
from dynaopenai._checking.json import DecodeError, NotJSONError
from dynaopenai._checking.schema import Schema
from dynaopenai._document.document import load
from dynaopenai._request import xml_reading, xml_writing

TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
SAMPLE = {"namespace": "https://example.com/s", "prefix": "s"}


def many(items: dict[str, Any], **xml: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **({"xml": xml} if xml else {})}


def thing(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


def schema_of(declared: dict[str, Any], components: dict[str, Any] | None = None, version: str = "3.0.3") -> Schema:
    schemas = {"Herd": declared, "Whole": {"$ref": "#/components/schemas/Herd"}, **(components or {})}
    document = load({"openapi": version, "components": {"schemas": schemas}})
    return Schema.from_bundle(Dialect("any").bundle(document.node.child("components").child("schemas").child("Whole")))


def written(declared: dict[str, Any], value: Any, components: dict[str, Any] | None = None, version: str = "3.0.3") -> str:
    text = xml_writing.write(value, schema_of(declared, components, version)).decode()
    head, _, body = text.partition("\n")
    assert head == '<?xml version="1.0" encoding="UTF-8"?>'
    return body


# the value is always {"animals": ...}; what the specification shows of each case, under one root
SPECIFIED: dict[str, tuple[dict[str, Any], Any, str]] = {
    "a property is an element of its name": (TEXT, "a", "<animals>a</animals>"),
    "an array is as many elements": (many(TEXT), ["a", "b"], "<animals>a</animals><animals>b</animals>"),
    "a name in the place of the property's": ({**TEXT, "xml": {"name": "animal"}}, "a", "<animal>a</animal>"),
    "items have a name": (many({**TEXT, "xml": {"name": "animal"}}), ["a", "b"], "<animal>a</animal><animal>b</animal>"),
    "of an array that is not wrapped the name is nothing": (
        many({**TEXT, "xml": {"name": "animal"}}, name="aliens"), ["a", "b"], "<animal>a</animal><animal>b</animal>",
    ),
    "nor where its items have none": (many(TEXT, name="aliens"), ["a"], "<animals>a</animals>"),
    "wrapped, both names are the property's": (many(TEXT, wrapped=True), ["a", "b"], "<animals><animals>a</animals><animals>b</animals></animals>"),
    "wrapped, the items have their own": (many({**TEXT, "xml": {"name": "animal"}}, wrapped=True), ["a"], "<animals><animal>a</animal></animals>"),
    "wrapped, both have": (many({**TEXT, "xml": {"name": "animal"}}, name="aliens", wrapped=True), ["a"], "<aliens><animal>a</animal></aliens>"),
    "wrapped, the outer name is the inner one's, too": (many(TEXT, name="aliens", wrapped=True), ["a"], "<aliens><aliens>a</aliens></aliens>"),
    "wrapped and empty": (many(TEXT, wrapped=True), [], "<animals/>"),
    "an attribute": ({**NUMBER, "xml": {"attribute": True}}, 123, 'animals="123"'),
    "an attribute of another name": ({**FLAG, "xml": {"attribute": True, "name": "any"}}, True, 'any="true"'),
    "a namespace with its prefix": ({**TEXT, "xml": SAMPLE}, "a", '<s:animals xmlns:s="https://example.com/s">a</s:animals>'),
    "a namespace alone": ({**TEXT, "xml": {"namespace": "urn:x"}}, "a", '<animals xmlns="urn:x">a</animals>'),
    "an attribute in a namespace": ({**TEXT, "xml": {"attribute": True, **SAMPLE}}, "a", 'xmlns:s="https://example.com/s" s:animals="a"'),
    "an attribute in a namespace without a prefix": ({**TEXT, "xml": {"attribute": True, "namespace": "urn:x"}}, "a", 'xmlns:ns1="urn:x" ns1:animals="a"'),
    "a list of words in an attribute": (many(NUMBER, attribute=True), [1, 20], 'animals="1 20"'),
    "null": ({**TEXT, "nullable": True}, None, '<animals xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'),
    "an empty text": (TEXT, "", "<animals/>"),
    "an empty object": (thing({}), {}, "<animals/>"),
    "what XML keeps for itself": (TEXT, "<&>\"'\r\n]]>", "<animals>&lt;&amp;&gt;\"'&#13;\n]]&gt;</animals>"),
    "the same in an attribute": ({**TEXT, "xml": {"attribute": True}}, '<&>"\r\n\t', 'animals="&lt;&amp;&gt;&quot;&#13;&#10;&#9;"'),
    "a list of lists": (many(many(NUMBER)), [[1, 2], []], "<animals><animals>1</animals><animals>2</animals></animals><animals/>"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPECIFIED)
def test_a_property_is_written_as_the_specification_shows_and_read_again(case: str) -> None:
    declared, value, shown = SPECIFIED[case]
    herd = thing({"animals": declared}, required=["animals"])
    text = written(herd, {"animals": value})

    assert text == (f"<Herd>{shown}</Herd>" if shown.startswith("<") else f"<Herd {shown}/>")
    assert xml_reading.read(text, schema_of(herd)) == {"animals": value}


PARTS: dict[str, Any] = {
    "Tag": thing({"label": TEXT}, xml={"name": "tag"}),
    "Plain": thing({"label": TEXT}),
    "Cat": thing({"lives": NUMBER}, xml={"name": "cat"}, required=["lives"]),
    "Dog": thing({"barks": FLAG}, xml={"name": "dog"}, required=["barks"]),
    "Either": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]},
}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("declared", "value", "text"),
    [
        (thing({"a": ref("Tag")}), {"a": {"label": "x"}}, "<Herd><tag><label>x</label></tag></Herd>"),
        (thing({"a": {"allOf": [ref("Tag")], "xml": {"name": "b"}}}), {"a": {"label": "x"}}, "<Herd><b><label>x</label></b></Herd>"),
        (thing({"a": ref("Plain")}), {"a": {"label": "x"}}, "<Herd><a><label>x</label></a></Herd>"),
        (thing({"a": many(ref("Tag"), wrapped=True)}), {"a": [{"label": "x"}]}, "<Herd><a><tag><label>x</label></tag></a></Herd>"),
        (thing({"a": many(ref("Either"))}), {"a": [{"lives": 9}, {"barks": True}]}, "<Herd><cat><lives>9</lives></cat><dog><barks>true</barks></dog></Herd>"),
        ({"allOf": [thing({"a": TEXT}), thing({"b": {**TEXT, "xml": {"attribute": True}}})]}, {"a": "x", "b": "y"}, '<Herd b="y"><a>x</a></Herd>'),
        (thing({"b": TEXT, "a": TEXT}), {"a": "1", "b": "2"}, "<Herd><b>2</b><a>1</a></Herd>"),
        (thing({"a": TEXT}, xml={"name": "h", "namespace": "urn:h"}), {"a": "1"}, '<h xmlns="urn:h"><a>1</a></h>'),
        (thing({"a": {**TEXT, "xml": {"prefix": "p"}}}, xml={"prefix": "p", "namespace": "urn:h"}), {"a": "1"}, '<p:Herd xmlns:p="urn:h"><p:a>1</p:a></p:Herd>'),
        (thing({"a": {**TEXT, "xml": {"prefix": "p"}}}), {"a": "1"}, "<Herd><a>1</a></Herd>"),
        (thing({"a": {**TEXT, "xml": {"name": "p:b"}}}), {"a": "1"}, "<Herd><b>1</b></Herd>"),
        (thing({"a": {**TEXT, "xml": {"name": "p:b", "namespace": "urn:p"}}}), {"a": "1"}, '<Herd><p:b xmlns:p="urn:p">1</p:b></Herd>'),
        (thing({"a": {**TEXT, "xml": {"namespace": 'urn:<"&', "prefix": 'p" x="'}}}), {"a": "1"}, '<Herd><a xmlns="urn:&lt;&quot;&amp;">1</a></Herd>'),
        (many(ref("Tag")), [{"label": "x"}], "<Herd><tag><label>x</label></tag></Herd>"),
        (many(ref("Plain")), [{}, {}], "<Herd><Plain/><Plain/></Herd>"),
        (many(NUMBER, name="ns", wrapped=True), [1, 2], "<ns><ns>1</ns><ns>2</ns></ns>"),
        ({**TEXT, "xml": {"name": "note"}}, "a<b", "<note>a&lt;b</note>"),
        (NUMBER, 7, "<Herd>7</Herd>"),
        ({"type": "object", "additionalProperties": NUMBER}, {"x": 1, "y": 2}, "<Herd><x>1</x><y>2</y></Herd>"),
        ({"type": "object", "additionalProperties": many(NUMBER)}, {"x": [1, 2]}, "<Herd><x>1</x><x>2</x></Herd>"),
        (thing({"a": NUMBER}), {"a": 1, "@b": "2", "c": {"@d": "3", "#text": "e"}}, '<Herd b="2"><a>1</a><c d="3">e</c></Herd>'),
    ],
)  # fmt: skip
def test_references_branches_namespaces_and_what_nothing_declares(declared: dict[str, Any], value: Any, text: str) -> None:
    assert written(declared, value, PARTS) == text
    assert xml_reading.read(text, schema_of(declared, PARTS)) == value


def named(namespace: str = "", prefix: str = "", **more: Any) -> dict[str, Any]:
    return {**TEXT, "xml": {"namespace": namespace, "prefix": prefix, **more}}


@pytest.mark.parametrize(
    ("declared", "value", "text"),
    [
        (thing({}), {"@xml:lang": "de"}, '<Herd xml:lang="de"/>'),
        (thing({"l": {**TEXT, "xml": {"attribute": True, "name": "xml:lang"}}}), {"l": "de"}, '<Herd xml:lang="de"/>'),
        (thing({"a": named("urn:a", "p", attribute=True), "b": named("urn:b", "p", attribute=True)}), {"a": "1", "b": "2"},
         '<Herd xmlns:p="urn:a" p:a="1" xmlns:ns1="urn:b" ns1:b="2"/>'),
        (thing({"a": named("urn:a", "p", attribute=True), "b": named("urn:b", "p", attribute=True, name="a")}), {"a": "1", "b": "2"},
         '<Herd xmlns:p="urn:a" p:a="1" xmlns:ns1="urn:b" ns1:a="2"/>'),
        (thing({"a": named("urn:b", "p", attribute=True)}, xml={"namespace": "urn:a", "prefix": "p"}), {"a": "1"},
         '<p:Herd xmlns:p="urn:a" xmlns:ns1="urn:b" ns1:a="1"/>'),
        (thing({"a": {**named("urn:a", "xsi"), "nullable": True}}), {"a": None},
         '<Herd><xsi:a xmlns:xsi="urn:a" xmlns:ns1="http://www.w3.org/2001/XMLSchema-instance" ns1:nil="true"/></Herd>'),
        (thing({"a": named("urn:a", "xmlns"), "b": named("urn:b", "xml")}), {"a": "1", "b": "2"}, '<Herd><a xmlns="urn:a">1</a><b xmlns="urn:b">2</b></Herd>'),
        (thing({"a": named("http://www.w3.org/XML/1998/namespace", "x", attribute=True)}), {"a": "1"}, '<Herd xml:a="1"/>'),
        (thing({}), {"日本": "1", "_x-1.2": "2"}, "<Herd><日本>1</日本><_x-1.2>2</_x-1.2></Herd>"),
    ],
)  # fmt: skip
def test_each_prefix_stands_for_one_namespace_and_those_of_xml_for_their_own(declared: dict[str, Any], value: Any, text: str) -> None:
    assert written(declared, value) == text
    assert xml_reading.read(text, schema_of(declared)) == value


@pytest.mark.parametrize(
    ("declared", "value", "message"),
    [
        (thing({"id": {**NUMBER, "xml": {"attribute": True}}}), {"id": 1, "@id": 2}, r'^\["@id"\]: found the attribute "id" twice'),
        (thing({"a": named("urn:a", "p", attribute=True), "b": named("urn:a", "q", attribute=True, name="a")}), {"a": "1", "b": "2"}, 'b: found the attribute "q:a" twice'),
        (thing({}), {"@p:k": "1", "@k": "2"}, 'found the attribute "k" twice'),
        (thing({}), {"@xmlns": "evil"}, 'found the name "xmlns", which declares a namespace'),
        (thing({}), {"a": {"@xmlns:p": "evil"}}, 'found the name "xmlns:p", which declares a namespace'),
        (thing({"a": named("http://www.w3.org/2000/xmlns/", "p")}), {"a": "1"}, "which declares a namespace"),
        (thing({}), {"²": "1"}, "which nothing in XML can have"),
        (thing({}), {"aª": "1"}, "which nothing in XML can have"),
        (thing({}), {"a\ud800": "1"}, "which nothing in XML can have"),
        (thing({"a": named("urn:\x00")}), {"a": "1"}, r'a: found "\\x00", which XML cannot hold'),
    ],
)  # fmt: skip
def test_what_would_be_another_document_is_refused_with_its_place(declared: dict[str, Any], value: Any, message: str) -> None:
    with pytest.raises(NotJSONError, match=message):
        xml_writing.write(value, schema_of(declared))


ENCODINGS = ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "us-ascii", "shift_jis", "koi8-r"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", ["é", "日本é€", "a]]>日\r", "\U0001f600"])
def test_what_a_charset_does_not_have_stands_in_texts_as_references(encoding: str, text: str) -> None:
    schema = schema_of(thing({"raw": {**TEXT, "xml": {"nodeType": "cdata"}}, "k": {**TEXT, "xml": {"attribute": True}}}), version="3.2.0")
    plain = schema_of(thing({"t": TEXT}))

    assert xml_reading.read(xml_writing.write({"raw": text, "k": text}, schema, encoding), schema, encoding) == {"raw": text, "k": text}
    assert xml_reading.read(xml_writing.write({"t": text}, plain, encoding), plain, encoding) == {"t": text}


@pytest.mark.parametrize(
    ("declared", "value"),
    [(thing({"日": TEXT}), {"日": "x"}), (thing({}), {"@日": "x"}), (thing({"a": {**TEXT, "xml": {"name": "日"}}}), {"a": "x"})],
)
def test_but_a_name_that_a_charset_does_not_have_is_refused(declared: dict[str, Any], value: Any) -> None:
    with pytest.raises(NotJSONError, match='found the name "日", which iso-8859-1 cannot hold'):
        xml_writing.write(value, schema_of(declared), "iso-8859-1")
    assert xml_reading.read(xml_writing.write(value, schema_of(declared), "shift_jis"), schema_of(declared), "shift_jis") == value


def test_a_prefix_that_a_charset_does_not_have_is_left_out() -> None:
    declared = schema_of(thing({"a": named("urn:a", "日")}))

    assert xml_writing.write({"a": "1"}, declared, "iso-8859-1").endswith(b'<Herd><a xmlns="urn:a">1</a></Herd>')


ANY_NAME = st.sampled_from(["a", "b", "@a", "@p:a", "p:a", "@xml:lang", "@xmlns", "@xmlns:p", "xmlns", "xml:a", "日", "@日", "a b", "", "@", ":", "#text", "@xsi:nil"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_NAME, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(ANY_NAME, ANYTHING, max_size=4), st.sampled_from(ENCODINGS))
def test_what_is_written_is_a_document_whatever_its_names(value: dict[str, Any], encoding: str) -> None:
    schema = schema_of(thing({}))
    with suppress(NotJSONError):
        assert isinstance(xml_reading.read(xml_writing.write(value, schema, encoding), schema, encoding), (dict, str))


@pytest.mark.parametrize("encoding", ["idna", "punycode", "unicode_escape", "no-such"])
def test_no_document_is_written_in_what_is_no_charset(encoding: str) -> None:
    with pytest.raises(NotJSONError, match=f"the text cannot be written as {encoding}"):
        xml_writing.write({}, schema_of(thing({})), encoding)


def test_openapi_3_2_names_the_kind_of_node() -> None:
    declared = thing(
        {
            "text": {**TEXT, "xml": {"nodeType": "text"}},
            "unit": {**TEXT, "xml": {"nodeType": "attribute"}},
            "list": many(NUMBER, nodeType="element"),
        }
    )
    raw = thing({"raw": {**TEXT, "xml": {"nodeType": "cdata"}}})

    assert written(declared, {"list": [1], "text": "5", "unit": "kg"}, version="3.2.0") == '<Herd unit="kg">5<list><list>1</list></list></Herd>'
    assert xml_reading.read('<Herd unit="kg">5</Herd>', schema_of(declared, version="3.2.0")) == {"text": "5", "unit": "kg"}
    assert written(raw, {"raw": "a]]>&"}, version="3.2.0") == "<Herd><![CDATA[a]]]]><![CDATA[>&]]></Herd>"
    assert xml_reading.read(written(raw, {"raw": "a]]>&\r\n"}), schema_of(raw)) == {"raw": "a]]>&\r\n"}


FARM = thing(
    {
        "id": {**NUMBER, "xml": {"attribute": True}},
        "name": TEXT,
        "open": FLAG,
        "share": {"type": "number"},
        "note": {**TEXT, "nullable": True},
        "left": {**NUMBER, "nullable": True},
        "eggs": many(NUMBER),
        "hens": many({**TEXT, "xml": {"name": "hen"}}, wrapped=True),
        "tags": many(ref("Tag")),
    },
    required=["name", "eggs"],
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<Herd id=' 7 '><name> a </name></Herd>", {"id": 7, "name": " a ", "eggs": []}),
        ("<x:Any xmlns:x='urn:x' id='7'><x:name>a</x:name></x:Any>", {"id": 7, "name": "a", "eggs": []}),
        ("<Herd><id>7</id><name/></Herd>", {"id": 7, "name": "", "eggs": []}),
        ("<Herd name='a'/>", {"name": "a", "eggs": []}),
        ("<Herd><open>1</open><eggs>+07</eggs><eggs> -0 </eggs></Herd>", {"open": True, "eggs": [7, 0]}),
        ("<Herd><share>.50</share><open> true\n</open></Herd>", {"share": 0.5, "open": True, "eggs": []}),
        ("<Herd><eggs>many</eggs></Herd>", {"eggs": ["many"]}),
        ("<Herd><note/><left/></Herd>", {"note": "", "left": None, "eggs": []}),
        ("<Herd xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='a b'><note i:nil='1'/></Herd>", {"note": None, "eggs": []}),
        ("<Herd><hens><hen>a</hen><chick>b</chick></hens></Herd>", {"hens": ["a", "b"], "eggs": []}),
        ("<Herd><hens>\n  <hen>a</hen>\n</hens><hens/></Herd>", {"hens": ["a"], "eggs": []}),
        ("<Herd><tags><tag><label>x</label></tag><tag/></tags></Herd>", {"tags": [{"label": "x"}, {}], "eggs": []}),
        ("<Herd><name>a</name><name>b</name></Herd>", {"name": ["a", "b"], "eggs": []}),
        ("<Herd><other><a>1</a><a>2</a></other>text</Herd>", {"other": {"a": ["1", "2"]}, "eggs": [], "#text": "text"}),
        ("<Herd><other> a <b/></other></Herd>", {"other": {"b": "", "#text": " a "}, "eggs": []}),
        ("<Herd xmlns:x='u' x:k='1' k='2'><o x:k='3' k='4'/></Herd>", {"@k": ["1", "2"], "o": {"@k": ["3", "4"]}, "eggs": []}),
        ("<Herd xmlns:x='u' x:id='1' id='2' xml:lang='de'/>", {"id": 2, "@id": "1", "@xml:lang": "de", "eggs": []}),
        ("<Herd><name lang='en'>Tea</name><hens n='1'><hen/></hens></Herd>", {"name": "Tea", "hens": [""], "eggs": []}),
        ("<!-- a --><Herd><?pi x?><name>a<!-- b -->c<![CDATA[<d>]]></name></Herd>", {"name": "ac<d>", "eggs": []}),
    ],
)
def test_what_servers_write_is_read_as_meant(text: str, value: Any) -> None:
    assert xml_reading.read(text, schema_of(FARM, PARTS)) == value


def test_of_two_properties_of_one_name_the_namespace_tells() -> None:
    declared = thing({"a": {**TEXT, "xml": {"name": "n", "namespace": "urn:a", "prefix": "a"}}, "b": {**TEXT, "xml": {"name": "n", "namespace": "urn:b", "prefix": "b"}}})
    value = {"a": "1", "b": "2"}

    assert xml_reading.read(written(declared, value), schema_of(declared)) == value
    assert xml_reading.read("<Herd xmlns:q='urn:b'><q:n>2</q:n></Herd>", schema_of(declared)) == {"b": "2"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf8", "utf-16", "utf-16-le", "iso-8859-1", "windows-1252", "gb18030"])
def test_what_the_content_type_says_of_the_encoding_goes_before_what_the_document_says(encoding: str) -> None:
    text = "<?xml version='1.0' encoding='us-ascii'?><Herd><name>é</name></Herd>"

    assert xml_reading.read(text.encode(encoding), schema_of(FARM, PARTS), encoding)["name"] == "é"
    assert xml_reading.read(text, schema_of(FARM, PARTS))["name"] == "é"


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-16", "iso-8859-1", "windows-1252", "gb18030", "utf-8-sig", "no-such"])
def test_what_a_document_says_of_its_own_encoding_is_believed(encoding: str) -> None:
    real = "utf-8" if encoding == "no-such" else encoding
    text = f"<?xml version='1.0' encoding='{encoding.removesuffix('-sig')}'?><Herd><name>é</name></Herd>".encode(real)

    if encoding == "no-such":
        with pytest.raises(DecodeError, match="unknown encoding"):
            xml_reading.read(text, schema_of(FARM, PARTS))
    else:
        assert xml_reading.read(text, schema_of(FARM, PARTS))["name"] == "é"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no element found"),
        ("Herd", "syntax error"),
        ("<a>", "no element found"),
        ("<a></b>", "mismatched tag"),
        ("<a>&nbsp;</a>", "undefined entity"),
        ("<!DOCTYPE a><a/>", "a document type declaration, which is not read"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "a document type declaration"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "a document type declaration"),
        ("<a>" * 201 + "</a>" * 201, "nested more than 200 levels deep"),
        ("<a/><b/>", "junk after document element"),
    ],
)
def test_what_is_no_xml_or_more_than_data_needs_is_refused(text: str, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        xml_reading.read(text.encode(), schema_of(FARM, PARTS))


def test_a_large_document_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reading, "MAX_BYTES", 10)

    with pytest.raises(DecodeError, match="12 bytes, of which at most 10 are read"):
        xml_reading.read(b"<a>123456</a"[:12], schema_of(FARM, PARTS))


def test_of_more_elements_than_data_has_none_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reading, "MAX_ELEMENTS", 3)

    assert xml_reading.read(b"<Herd><name/><x/></Herd>", schema_of(FARM, PARTS)) == {"name": "", "x": "", "eggs": []}
    with pytest.raises(DecodeError, match="over 3 elements"):
        xml_reading.read(b"<Herd><name/><x/><y/></Herd>", schema_of(FARM, PARTS))


def test_an_item_is_added_to_its_array_without_a_copy_and_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before, looked_up = [1], []
    assert xml_reading._together(before, [2]) is before == [1, 2]

    undeclared = xml_reading.undeclared
    monkeypatch.setattr(xml_reading, "undeclared", lambda schema, name: looked_up.append(name) or undeclared(schema, name))
    assert xml_reading.read("<Herd>" + "<x>1</x>" * 3 + "</Herd>", schema_of(FARM, PARTS))["x"] == ["1"] * 3
    assert looked_up == ["x"]


def test_what_an_element_does_not_have_takes_no_memory() -> None:
    one, two = xml_reading.parsed("<a><b/><c/></a>").children

    assert not hasattr(one, "__dict__")
    assert one.attributes is two.attributes
    assert one.children is two.children == ()


def api(schema: dict[str, Any], media: str = "application/xml") -> Client:
    operation = {"operationId": "put", "requestBody": {"required": True, "content": {media: {"schema": schema}}}, "responses": {"200": {"description": ""}}}
    return Client(
        {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"put": operation}}, "components": {"schemas": PARTS}},
        base_url="http://h",
    )


@pytest.mark.parametrize(
    ("schema", "arguments", "message"),
    [
        (FARM, {"name": "a\x00", "eggs": []}, r'name: found "\\x00", which XML cannot hold'),
        (thing({"a b": TEXT}), {"body": {"a b": "1"}}, r'\["a b"\]: found the name "a b", which nothing in XML can have'),
        (thing({"a": many(TEXT, attribute=True)}), {"a": ["b c"]}, r'a: found "b c", expected a text without spaces'),
        (thing({"a": {**thing({}), "xml": {"attribute": True}}}), {"a": {"b": 1}}, r"a: found .*, expected a single value"),
        (FARM, {"name": "a", "eggs": ["x"]}, r'eggs\[0\]: found "x" \(a string\), expected an integer'),
        (FARM, {"nam": "a"}, r'nam: unknown argument\n *did you mean "name"'),
    ],
)
def test_what_breaks_the_schema_or_no_xml_can_hold_is_refused_with_its_place(schema: Any, arguments: Any, message: str) -> None:
    with pytest.raises(RequestValidationError, match=message):
        api(schema).put.prepare(**arguments)


@pytest.mark.parametrize("media", ["application/xml", "text/xml", "application/atom+xml", "application/xml; charset=iso-8859-1"])
def test_every_media_type_of_xml_is_written(media: str) -> None:
    sent = api(thing({"a": TEXT}), media).put.prepare(a="é€")

    assert sent.headers["Content-Type"] == media
    assert xml_reading.read(sent.body, schema_of(thing({"a": TEXT}))) == {"a": "é€"}


@pytest.mark.parametrize("schema", [{}, TEXT, {**TEXT, "enum": ["<a/>"]}])
def test_a_text_is_sent_as_it_is_where_the_document_says_nothing_of_its_structure(schema: dict[str, Any]) -> None:
    assert api(schema).put.prepare("<a/>").body == b"<a/>"
    assert api(schema).put.prepare(**api(schema).put.example()).body.startswith(b"<")


@pytest.mark.parametrize("given", ["<Herd/>", b"<Herd/>", ("a.xml", b"<Herd/>")])
def test_a_document_that_is_written_out_already_is_sent_as_it_is(given: Any) -> None:
    body = api(FARM).put.prepare(given).body

    assert b"".join([body] if isinstance(body, bytes) else body) == b"<Herd/>"


def test_json_is_preferred_and_a_content_type_by_hand_chooses_xml() -> None:
    content = {name: {"schema": thing({"a": TEXT})} for name in ("application/xml", "application/json")}
    operation = {"operationId": "put", "requestBody": {"content": content}, "responses": {"200": {"description": ""}}}
    put = Client({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"put": operation}}}, base_url="http://h").put

    assert put.prepare(a="1").body == b'{"a":"1"}'
    assert put.with_options(headers={"Content-Type": "application/xml"}).prepare(a="1").body.endswith(b"<root><a>1</a></root>")


def test_an_xml_object_of_the_wrong_kind_is_told_and_passed_over() -> None:
    client = api(thing({"a": {**TEXT, "xml": {"name": 7, "attribute": True}}, "b": {**TEXT, "xml": "b"}}))

    assert client.put.prepare(a="1", b="2").body.endswith(b'<root a="1"><b>2</b></root>')
    assert [found.message for found in client.diagnostics] == [
        "xml: found name: 7, expected an XML Object",
        'xml: found "b", expected an XML Object',
    ]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x7f", categories=["L", "N", "P", "S", "Z"]) | st.sampled_from("\t\n\r<&>\"'"), max_size=12)
NUMBERS = st.integers(-(10**20), 10**20)


@given(
    st.fixed_dictionaries(
        {"name": TEXTS, "eggs": st.lists(NUMBERS, max_size=3)},
        optional={
            "id": NUMBERS,
            "open": st.booleans(),
            "share": st.floats(allow_nan=False, allow_infinity=False) | NUMBERS,
            "note": TEXTS | st.none(),
            "left": NUMBERS | st.none(),
            "hens": st.lists(TEXTS, max_size=3),
            "tags": st.lists(st.fixed_dictionaries({}, optional={"label": TEXTS}), min_size=1, max_size=3),
        },
    )
)
def test_what_is_written_reads_back_the_same(value: dict[str, Any]) -> None:
    schema = schema_of(FARM, PARTS)
    found = xml_reading.read(xml_writing.write(value, schema), schema)

    assert found == value
    assert math.copysign(1, found.get("share", 1)) == math.copysign(1, value.get("share", 1))
