"""The person beside the board: told what to do, asked what they see."""

from __future__ import annotations

import asyncio
import sys
from typing import Protocol


class Person(Protocol):
    """Somebody with hands and eyes."""

    def tell(self, words: str) -> None:
        """Tell the person to do something; the device will show whether it was done."""
        ...

    async def confirms(self, question: str) -> bool:
        """Ask the person, and wait for yes or no."""
        ...


class AtTheTerminal:
    """The person at the standard input and output."""

    def tell(self, words: str) -> None:
        sys.stdout.write(f"  -> {words}\n")
        sys.stdout.flush()

    async def confirms(self, question: str) -> bool:
        while True:
            sys.stdout.write(f"  ?  {question} [y/n] ")
            sys.stdout.flush()
            answer = (await asyncio.to_thread(sys.stdin.readline)).strip().lower()
            if answer in {"y", "yes"}:
                return True
            if answer in {"n", "no", ""}:
                return False
