"""Check a training file, upload it, start a job on it, and follow its events.

python examples/fine_tuning.py
"""

import json
import tempfile
from pathlib import Path

from connect import connect

EXAMPLES = [("High water?", "Twice a day."), ("Low water?", "Twice a day as well."), ("Spring tide?", "At new and full moon.")]

with connect() as client, tempfile.TemporaryDirectory() as folder:
    lines = [
        {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}
        for question, answer in EXAMPLES
    ]
    for line in lines:  # each message is what the chat operation takes
        assert client.validate("ChatCompletionRequestMessage", line["messages"][0]) == []
    training = Path(folder, "train.jsonl")
    training.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")

    uploaded = client.createFile(file=training, purpose="fine-tune")
    job = client.createFineTuningJob(model="gpt-3.5-turbo", training_file=uploaded.id)
    print(f"{job.id}: {job.status}")
    for event in client.listFineTuningEvents(job.id).data:
        print(f"  {event.level}: {event.message}")
    print(f"{client.cancelFineTuningJob(job.id).id} cancelled")
