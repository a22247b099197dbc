"""A value to a verdict, and a failed verdict to words; a schema to a valid value.

Modules, each importing only those before it:
`plain`, `json`, `pattern`, `overlap`, `weight`, `keywords`, `listed`, `reach`, `bundle`, `dialect`, `formats`, `verdict`, `outline`, `markup`, `schema`, `alternatives`, `fault`, `cause`, `spelling`, `parts`, `scalar`, `example`,
`slip`, `known`, `violation`, `check`, `contract`.
"""
