"""The documentation as a site: `make docs`, or `python -m website`.

pages: the repository's pages as the site's, each text where it is written
reference: the public names, from their docstrings; the command line, from its own help
docstrings: docstrings as a page shows them
pictures: what a person sees of the mock's page and of a report, by the tests' browser
__main__: all of it, built strictly
"""
