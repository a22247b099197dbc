"""Arguments to a request: bound, checked, encoded, and read back from the wire; no I/O.

Modules, each importing only those before it:
`codec`, `style`, `xml_reading`, `xml_writing`, `multipart`, `media_type`, `form`, `encoding`, `body_reading`, `credential`, `origin`, `oauth2`, `security`, `server`, `settings`, `options`, `bodies`, `arguments`, `checked`, `words`, `command_words`,
`query`, `request`, `standing`, `writer`, `showing`, `received`, `router`.
"""
