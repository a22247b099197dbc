"""The same script against any version of the API's document, over real HTTP on this machine, with no key.

    python examples/any_document.py                      the document that comes with the package
    python examples/any_document.py openai-2.0.0.yaml    any other

What a version does not declare is asked for before it is used; everything else is the same call.
"""

import sys
import warnings

from dynaopenai import Client
from dynaopenai.testing import MockServer


def main(spec: str | None) -> None:
    with (
        MockServer(spec) as server,
        Client(spec, base_url=server.url, api_key="sk-mock", validate_responses="warn") as client,
    ):
        print(repr(client).splitlines()[0])
        print("models:     ", [model["id"] for model in client.listModels().data])

        question = {"model": "gpt-4", "messages": [{"role": "user", "content": "Hello!"}]}
        chat = client.createChatCompletion
        print("chat:       ", chat(**question, max_tokens=20).choices[0].message.content)
        if "text/event-stream" in chat.responses["200"].content:
            pieces = [chunk.choices[0].delta.get("content") for chunk in chat(**question, stream=True)]
            print("streamed:   ", len(pieces), "pieces")
        else:
            print("streamed:    not declared by this document")

        vectors = client.createEmbedding(model="text-embedding-ada-002", input="The food was delicious.")
        print("embedding:  ", len(vectors.data[0].embedding), "numbers")

        wrong = chat.validate_request(model="gpt-4", messages=[{"role": "sytem", "content": "Be brief."}])
        print("a slip:     ", "; ".join(map(str, wrong)))
        print("differences:", client.drift)


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    main(sys.argv[1] if len(sys.argv) > 1 else None)
