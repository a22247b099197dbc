"""A request to a reply: the steps of a call as values, and who carries them out; the only network I/O of a call.

Modules, each importing only those before it:
`retry`, `coding`, `failure`, `redirect`, `log`, `progress`, `sending`, `step`, `reply`, `asking`, `call`, `chunked`, `fields`,
`http1`, `receiving`, `genuine`, `environment`, `over_socket`, `wire`, `prepared`, `over_requests`, `over_threads`, `stand_in`, `over_asyncio`, `aiohttp_wire`, `over_aiohttp`.
"""
