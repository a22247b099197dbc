"""Many calls of one operation: rows in, each paid for once, answers out.

Modules, each importing only those before it:
`rows`, `template`, `pace`, `outcome`, `ledger`, `run`, `plan`, `dask`, `watch`, `tokens`, `options`, `result`, `job`.
"""
