"""What tests use: answers in process, payload checks, generated values, recorded traffic.

Modules, each importing only those before it:
`body`, `interception`, `in_process`, `cassette`, `traffic`, `assertions`,
`examples`, `strategies`.
"""
