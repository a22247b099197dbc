"""A document's text, wherever it is, to the specification's objects as frozen facts.

Modules, each importing only those before it:
`compose`, `yaml`, `lines`, `cache`, `source`, `document`, `defect`, `swagger`, `openapi`, `entries`,
`reading`, `overlay`.
"""
