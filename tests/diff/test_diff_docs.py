"""docs/diff.md says what the code does, and the example runs against every document."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dynaopenai import diff
from dynaopenai._diff.change import CODES, NO_WITNESS, SCHEMA_CODES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "diff.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `([a-z][a-z-]+)` \| (.*) \|$", PAGE, re.MULTILINE))
CORPUS = os.environ.get("DYNAOPENAI_CORPUS", "")


def test_the_page_lists_every_code() -> None:
    assert list(ROWS) == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_page_says_how_a_code_is_rated(code: str) -> None:
    request, response, says = (
        ROWS[code].split(" | ") if ROWS[code].count(" | ") == 2 else re.split(r" ?\| ?", ROWS[code])
    )
    rule = CODES[code]

    assert says == rule.says
    if code in SCHEMA_CODES:
        assert (request, response) == (rule.request, rule.response)
    else:
        assert (request or response) in (rule.request, rule.response)


@pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder of documents")
@pytest.mark.parametrize("version", ["2.0.0", "2.1.0", "2.3.0"])
def test_the_example_runs_unchanged_against_any_document(version: str) -> None:
    script, document = ROOT / "examples" / "any_document.py", Path(CORPUS) / f"openai-{version}.yaml"

    done = subprocess.run([sys.executable, script, document], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"differences: 0 deviations in \d+ answers", done.stdout.splitlines()[-1])
    assert f"<Client OpenAI API {version} at " in done.stdout


KNOWN = [
    ("2.0.0", "2.1.0", "createEmbedding", "body.input", "max-items-added", "breaking"),
    ("2.0.0", "2.1.0", "createEdit", "", "operation-removed", "breaking"),
    ("2.0.0", "2.1.0", "createChatCompletion", "200.choices[].finish_reason", "enum-value-added", "dangerous"),
    ("2.0.0", "2.1.0", "createSpeech", "", "operation-added", "safe"),
    ("2.1.0", "2.3.0", "createChatCompletion", "body.top_logprobs", "null-forbidden", "breaking"),
    ("2.1.0", "2.3.0", "listFiles", "200.object", "enum-removed", "breaking"),
    ("2.1.0", "2.3.0", "createImage", "body.quality", "default-changed", "dangerous"),
]


@pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder of documents")
@pytest.mark.parametrize(("old", "new"), [("2.0.0", "2.1.0"), ("2.1.0", "2.3.0")])
def test_the_published_documents(old: str, new: str) -> None:
    changes = diff(*(Path(CORPUS) / f"openai-{version}.yaml" for version in (old, new)))
    told = {(name, each.path, each.code, each.severity) for each in changes for name in each.operations}

    assert [known for known in KNOWN if known[:2] == (old, new) and known[2:] not in told] == []
    assert [str(each) for each in changes if each.severity == "breaking" and each.witness is NO_WITNESS] == []
