"""Operations as a user finds and calls them.

Modules, each importing only those before it:
`naming`, `grouping`, `fields`, `declared_values`, `example`, `onward`, `diagnosis`, `signature`, `curl`, `describe`, `find`, `listing`, `engine`, `webhooks`,
`environment`, `banner`, `unlisted`, `last_response`, `shallow`, `any_operation`, `awaitable`, `many`, `async_operation`, `operation`, `group`, `operations`, `named`, `follow`, `constructor`, `any_client`, `client`, `async_client`, `inside`.
"""
