"""Arguments to a request: bound, checked, encoded; no I/O.

Modules, each importing only those before it:
`style`, `multipart`, `media_type`, `security`, `settings`, `arguments`, `request`, `server`.
"""
