"""The ESC/POS receipt printers: documents to bytes, and an honest word about whether they came out.

One driver serves every printer; what differs is a profile (`profile.py`) and a port (`port.py`). python-escpos is
used as a builder of bytes only, and it is imported when it is first needed (`library.py`).
"""
