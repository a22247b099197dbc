"""The verbs of the command line, one file each, listed in `cli.VERBS`; a file's ``command`` is loaded when it is used."""
