"""`GET /api/docs`: the table of the control API as a page, each call with a line to paste into a shell."""

from __future__ import annotations

from html import escape

from drivers.bench.calls import CALLS, Call

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tillberry bench: control API</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<main>
<p><a href="/">&larr; the bench</a></p>
<h1>Control API</h1>
<p>Bodies and answers are JSON. What fails answers <code>{"error": "..."}</code>: 4xx where the call can be mended or
tried again (408 what was waited for did not come, 409 not now, 413 a body that is too long), 501 for what is not
on this bench yet, 500 and 503 where bench or terminal failed. Events and state name
each screen by a <code>text_id</code> that is the same in every language: let scripts match that.</p>
<table>
<thead><tr><th>call</th><th>does</th></tr></thead>
<tbody>
"""

_FOOT = """</tbody>
</table>
</main>
</body>
</html>
"""


def docs_page(address: str) -> str:
    """The page, with curl lines for a bench at `address` (`http://127.0.0.1:8583`)."""
    return _HEAD + "".join(_row(call, address) for call in CALLS) + _FOOT


def _row(call: Call, address: str) -> str:
    note = "" if call.built else " <em>Not on this bench yet.</em>"
    return (
        f"<tr><td><code>{call.method} {escape(call.path)}</code></td>"
        f"<td>{escape(call.does)}{note}<pre>{escape(curl_line(call, address))}</pre></td></tr>\n"
    )


def curl_line(call: Call, address: str) -> str:
    """One line for a shell that makes the call."""
    url = address + call.path.replace("<id>", "1")
    if call.example:
        return f"curl -d '{call.example}' {url}"
    if call.path == "/api/events":
        return f"curl -N {url}"
    return f"curl {'-O ' if url.endswith(('.png', '.bin')) else ''}{url}"
