"""How things look: plain data in, text for a terminal or HTML out.

Width, folding, control characters, colour: each is decided here once, for reprs, verbs, help and notebooks alike.

Modules, each importing only those before it:
`words`, `notice`, `frames`, `visible`, `width`, `colour`, `line`, `prose`, `pretty`, `table`, `tree`, `markup`, `html`.
"""
