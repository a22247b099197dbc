"""Answers as other servers of this API give them, after what their documentation shows: one function of a request each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fault_server import Received, answer, stream

WORDS = ["The Moon", " pulls."]
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "".join(WORDS)}, "finish_reason": "stop"}
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
CHAT = {"id": "chatcmpl-86", "object": "chat.completion", "created": 1743277352, "choices": [CHOICE], "usage": USAGE}
CHUNK = {"id": "chatcmpl-86", "object": "chat.completion.chunk", "created": 1743277352}


def deltas(**more: Any) -> list[dict[str, Any]]:
    """The choices of one chunk after the other."""
    words = [{"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": None, **more} for word in WORDS]
    return [*words, {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "stop", **more}]


def ollama(request: Received) -> bytes:
    path = request.target.partition("?")[0]
    if path == "/v1/models":
        return answer({"object": "list", "data": [{"id": "llama3.2:latest", "object": "model", "created": 1730000000, "owned_by": "library"}]})
    asked = request.json
    facts = {"model": asked["model"], "system_fingerprint": "fp_ollama"}
    if path == "/v1/embeddings":
        item = {"object": "embedding", "index": 0, "embedding": [0.01, -0.02, 0.03]}
        return answer({"object": "list", "data": [item], "model": asked["model"], "usage": {"prompt_tokens": 2, "total_tokens": 2}})
    if path != "/v1/chat/completions":
        return answer(b"404 page not found", 404, content_type="text/plain")
    if asked.get("stream"):
        return stream(*({**CHUNK, **facts, "choices": [choice]} for choice in deltas()), "[DONE]")
    return answer({**CHAT, **facts})


def vllm(request: Received) -> bytes:
    if request.header("Authorization") != "Bearer token-abc123" and request.target.startswith("/v1"):
        return answer({"error": "Unauthorized"}, 401)
    asked = request.json
    if request.target == "/v1/rerank":
        return answer({"id": "rerank-1", "model": asked["model"], "results": [{"index": 0, "relevance_score": 0.9}]})
    if asked.get("stream"):
        chunks = ({**CHUNK, "model": asked["model"], "choices": [choice]} for choice in deltas(logprobs=None, stop_reason=None))
        return stream(*chunks, "[DONE]")
    message = {**CHOICE["message"], "refusal": None, "annotations": None, "audio": None, "function_call": None, "tool_calls": [], "reasoning_content": None}
    choice = {**CHOICE, "message": message, "logprobs": None, "stop_reason": None}
    nothing = dict.fromkeys(["service_tier", "system_fingerprint", "prompt_logprobs", "kv_transfer_params"])
    return answer({**CHAT, **nothing, "model": asked["model"], "choices": [choice], "usage": {**USAGE, "prompt_tokens_details": None}})


def with_more(headers: tuple[str, ...] = (), **more: Any) -> Callable[[Received], bytes]:
    """A server that answers chats as the API does, with fields and headers of its own."""
    return lambda request: answer({**CHAT, "model": request.json["model"], **more}, 200, *headers)


llama_cpp = with_more(timings={"prompt_n": 9, "predicted_n": 3, "predicted_per_second": 42.5})
lm_studio = with_more(stats={}, system_fingerprint="qwen3-8b")
lite_llm = with_more(("x-litellm-response-cost: 0.0002",), provider_specific_fields={})
AZURE = {
    **CHAT,
    "model": "gpt-4o",
    "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}}}],
    "choices": [{**CHOICE, "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}}}],
}
