"""The document in the other role: a server that judges requests and makes up answers.

Modules, each importing only those before it:
`inspection`, `representation`, `shape`, `believable`, `pieces`, `life`, `offered`, `failure`, `author`, `convention`, `paging`, `job`, `spool`,
`store`, `sabotage`, `quota`, `conduct`, `credentials`, `judge`, `verdict`, `wsgi`, `serving`,
`guide`, `page`, `fill`, `difference`, `given_answer`, `registration`, `script`, `script_file`,
`stage`, `mock`, `server`.
"""
