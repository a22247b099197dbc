"""A reply to what the caller holds: decoded, checked, streamed, paged.

Modules, each importing only those before it:
`sse`, `lines`, `data`, `ending`, `pieces`, `assembly`, `texts`, `expected`, `sequence`, `stream`, `download`, `binary`, `headers`, `enforcement`,
`response`,
`page`, `pagination`, `link`.
"""
