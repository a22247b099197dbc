"""Operations as a user finds and calls them.

Modules, each importing only those before it:
`naming`, `fields`, `check`, `signature`, `sample`, `curl`, `describe`, `find`, `listing`, `operation`,
`follow`, `client`.
"""
