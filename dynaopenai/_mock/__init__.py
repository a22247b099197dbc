"""The document in the other role: a server that judges requests and makes up answers.

Modules, each importing only those before it:
`reading`, `asked`, `author`, `paging`, `store`, `faults`, `judge`, `wsgi`, `serving`, `page`,
`fill`, `difference`, `given`, `registration`, `script`, `answers`,
`stage`, `mock`, `server`.
"""
