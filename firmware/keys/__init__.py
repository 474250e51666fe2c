"""Keys: what each may do, how they come in, what is made with them, and how they go.

Nothing here may log: a key, a PIN and a track have no other way out than a cipher.
"""
