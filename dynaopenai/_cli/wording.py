"""What an error says of Python, in the words of a shell: who typed a command line is not told to write `Client(...)`."""

from __future__ import annotations

import re

# What is said in Python, and what does the same here; tried in this order.
_WORDS = [
    (r'Path\("\.\.\."\) sends a file, text\.encode\(\) sends the text itself', "name@file sends a file, name@- what comes on standard input"),
    (r'(\S+): found "(\S+)" \(a string\), expected file content', r'\1: found "\2" (a string), expected a file: \1@\2'),
    (r'set OPENAI_API_KEY, or give Client\(api_key=\.\.\.\): any text where the server does not look, "" to send none',
     "set OPENAI_API_KEY (any text where the server does not look), or name another variable: --key-env NAME"),
    (r"set OPENAI_API_KEY, or give Client\(api_key=\.\.\.\)", "set OPENAI_API_KEY, or name another variable: --key-env NAME"),
    (r'give Client\(api_key=\.\.\.\): any text where the server does not look, "" to send none', "name the variable that holds the key: --key-env NAME"),
    (r"\n  nothing is lost: error\.data, error\.response\.   To go on: client\.with_options\(validate_responses=\"warn\"\)",
     "\n  the answer as it came: --json.   To go on: --validate warn"),
    (r"the answer is whole: error\.data", "the answer is whole: --json"),
    (r"; stream\.complete is False", ""),
    (r"\n  what came of the answer is error\.partial(, without [^\n]*)?", r"\n  what came is above\1"),
    (r'Client\(trusted_origins=\["([^"]*)"\]\) allows it', r"--key-env NAME sends a key there"),
    (r'Client\("openai"\), --spec openai', "--spec openai"),
    (r"list\(client\.operations\)", "dynaopenai ls"),
    (r"see Client\(\.\.\.\)\.diagnostics, without strict_spec, for all of them", "dynaopenai check has all of them"),
    (r"client\.with_options\(max_retry_after=[^)]*\)", "max_retry_after in dynaopenai.toml"),
    (r"client\.reload\(force=True\)", "call it again"),
]  # fmt: skip
WORDS = [(re.compile(python), shell) for python, shell in _WORDS]


def in_shell_words(text: str) -> str:
    """The text of an error, for someone at a shell."""
    for python, shell in WORDS:
        text = python.sub(shell, text)
    return text
