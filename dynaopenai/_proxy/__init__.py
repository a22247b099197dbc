"""Between any client and the real API: passes on what comes as it comes, and judges each exchange beside the traffic.

Modules, each importing only those before it:
`head`, `framing`, `kept`, `court`, `side`, `own_answer`, `turn`, `answer`, `relay`, `page_server`, `recorder`,
`proxy`.
"""
