"""A document as types for editors and type checkers: a stub that nothing reads at run time.

Modules, each importing only those before it:
`naming`, `text`, `annotation`, `signature`, `operation`, `client`, `stub`.
"""
