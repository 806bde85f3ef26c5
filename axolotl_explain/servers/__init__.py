"""Servers with the OpenAI interface: how they are asked, what they say, how they fail.

Imports core alone, and httpx. Begin with `server_reply.py` (what a server answers) and
`refusals.py` (what to say where it does not); `blocking_client.py` asks one thing after
the other.
"""
