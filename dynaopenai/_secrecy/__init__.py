"""What is secret: by its name, by its value; and texts without it.

One list for all that is shown or kept: the log, errors, reprs, pickles, curl lines, cassettes, reports.

Modules, each importing only those before it:
`names`, `redaction`, `values`, `members`, `tags`.
"""
