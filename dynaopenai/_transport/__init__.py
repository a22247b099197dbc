"""A request to a reply, over `requests`: retries, timeouts, redirects; the only network I/O of a call.

Modules, each importing only those before it:
`retry`, `failure`, `redirect`, `log`, `progress`, `sending`, `chunked`, `reply`, `wire`, `transport`.
"""
