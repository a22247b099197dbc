"""Which of some sentences is nearest to a question.

python examples/embeddings.py
"""

import math

from connect import connect

SENTENCES = ["The tide is high at noon.", "Bread needs flour, water and salt.", "The harbour is deep."]


def angle(left: list[float], right: list[float]) -> float:
    """The cosine of the angle between two vectors."""
    return sum(a * b for a, b in zip(left, right, strict=True)) / (math.hypot(*left) * math.hypot(*right))


def vector(text: str) -> list[float]:
    return client.createEmbedding(model="text-embedding-ada-002", input=text).data[0].embedding


with connect() as client:
    question = vector("When can a ship come in?")
    ranked = sorted(SENTENCES, key=lambda text: -angle(question, vector(text)))
    print(f"nearest: {ranked[0]}")
