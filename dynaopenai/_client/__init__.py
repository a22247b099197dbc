"""Operations as a user finds and calls them.

Modules, each importing only those before it:
`naming`, `fields`, `check`, `signature`, `example`, `curl`, `describe`, `find`, `listing`, `engine`,
`any_operation`, `operation`, `awaitable`, `async_operation`, `operations`, `named`, `follow`, `any_client`, `client`, `async_client`, `inside`.
"""
