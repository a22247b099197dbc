"""An answer printed piece by piece, as it arrives.

python examples/streaming.py
"""

from connect import connect

with connect() as client:
    question = [{"role": "user", "content": "Tell me about neap tides."}]
    with client.createChatCompletion(model="gpt-4", messages=question, stream=True) as pieces:
        for piece in pieces:
            print(piece.choices[0].delta.get("content") or "", end="", flush=True)
    print()
