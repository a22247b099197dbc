"""Upload a file, list what is there, download it again, delete it.

python examples/files.py
"""

import tempfile
from pathlib import Path

from connect import connect

with connect() as client, tempfile.TemporaryDirectory() as folder:
    training = Path(folder, "tides.jsonl")
    training.write_text('{"prompt": "High water?", "completion": "Twice a day."}\n', "utf-8")

    uploaded = client.createFile(file=training, purpose="fine-tune")
    print(f"{uploaded.id}: {uploaded.filename}, {uploaded.bytes} bytes")
    print(f"{len(client.listFiles().data)} files")

    content = client.downloadFile(uploaded.id)
    print(f"downloaded {type(content).__name__}")
    print(f"deleted: {client.deleteFile(uploaded.id).deleted}")
