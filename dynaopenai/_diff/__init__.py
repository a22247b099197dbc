"""Two documents to the changes between them, each proved by a payload where it breaks something.

Modules, each importing only those before it:
`alternative`, `content`, `shape`, `branches`, `change`, `pair`, `annotation`, `condition`, `compare`,
`undone`, `vocabulary`, `candidates`, `witness`, `counterpart`, `text`, `findings`, `server`, `security`,
`parameter`, `answer`, `component`, `lifecycle`, `promise`, `diff`.
"""
