"""A document's text, wherever it is, to the specification's objects as frozen facts.

Modules, each importing only those before it:
`parsed`, `yaml`, `syntax`, `lines`, `own_file`, `unread`, `cache`, `source`, `discovery`, `permission`, `anchors`, `document`, `neighbours`, `defect`, `swagger`,
`openapi`, `operation_ids`, `objects`, `action`, `selection`, `overlay`, `project`, `api`, `kept`.
"""
