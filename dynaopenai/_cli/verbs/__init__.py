"""The verbs of the command line, one file each; each file's ``command`` is loaded when the verb is used."""
