"""A server that wants the key in a header of its own and a version in the query, as Azure does: configuration, no code.

python examples/azure_like.py

AZURE_ENDPOINT and AZURE_API_KEY name a real one; without them, a mock that wants its key there stands for it.
"""

import os
from pathlib import Path

import yaml

from dynaopenai import Client
from dynaopenai.testing import MockServer

KEY_IN_HEADER = {"type": "apiKey", "in": "header", "name": "api-key"}  # a Security Scheme Object
DOCUMENT = Path(__file__).parent.parent / "openapi.yaml"


def ask(endpoint: str, key: str) -> None:
    """One question, over the bundled document, with the key where this server wants it."""
    with Client(base_url=f"{endpoint}?api-version=2024-10-21", api_key=key, security=KEY_IN_HEADER) as client:
        question = {"model": "gpt-4", "messages": [{"role": "user", "content": "Hello!"}]}
        print(client.createChatCompletion.curl(**question))
        print(client.createChatCompletion(**question).choices[0].message.content)


if "AZURE_ENDPOINT" in os.environ:
    ask(os.environ["AZURE_ENDPOINT"], os.environ["AZURE_API_KEY"])
else:
    served = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    served["components"]["securitySchemes"] = dict.fromkeys(served["components"]["securitySchemes"], KEY_IN_HEADER)
    with MockServer(served) as server:
        ask(server.url, "not-a-key")
