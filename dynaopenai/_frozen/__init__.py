"""What a frozen application takes of this package: told to PyInstaller, which asks for it by an entry point.

Modules, each importing only those before it:
`contents`.
"""
