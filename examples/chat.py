"""A conversation, checked both ways; and what happens when a name in it is misspelt.

python examples/chat.py
"""

from connect import connect

from dynaopenai import RequestValidationError

with connect() as client:
    messages = [
        {"role": "system", "content": "You answer in one sentence."},
        {"role": "user", "content": "Why are there two high tides a day?"},
    ]
    reply = client.createChatCompletion(model="gpt-4", messages=messages)
    print(reply.choices[0].message.content)
    print(f"{reply.usage.total_tokens} tokens")

    messages[0]["role"] = "sytem"
    try:
        client.createChatCompletion(model="gpt-4", messages=messages)
    except RequestValidationError as error:
        print(error)  # nothing was sent
