"""What servers really do, against what the document says: recorded exchanges, deviations, the overlay that mends them.

Modules, each importing only those before it:
`exchange`, `recording`, `scrub`, `sample`, `deviation`, `place`, `infer`, `fork`, `repair`, `learn`, `lasting`, `drift`.
"""
