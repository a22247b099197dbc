"""The command line and the prompt.

Modules, each importing only those before it:
`config`, `wording`, `output`, `printing`, `payload`, `python_source`, `completion`, `shell`, `repl`, `demo`, `report`, `markdown`, `diff_page`, `changelog`, `policy`, `revision`, `usage`, `cli`.
"""
