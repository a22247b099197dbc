"""Vectors for a thousand texts: checked before anything is sent, each answer paid for once."""

import json
import sys
import tempfile
from pathlib import Path

from connect import connect

with connect() as client, tempfile.TemporaryDirectory() as folder:
    rows = ({"input": f"Tide table, page {page}"} for page in range(1, 201))
    answers = Path(folder) / "answers.jsonl"

    run = client.createEmbedding.map(rows, out=answers, model="text-embedding-ada-002", concurrency=8, show=sys.stderr.isatty())
    print(run)

    first = next(run.results())
    print(json.dumps({name: value for name, value in first.items() if name != "data"}))
