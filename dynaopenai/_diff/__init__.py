"""Two documents to the changes between them, each proved by a payload where it breaks something.

Modules, each importing only those before it:
`alternative`, `shape`, `branches`, `change`, `pair`, `compare`, `witness`, `counterpart`, `promise`, `diff`.
"""
