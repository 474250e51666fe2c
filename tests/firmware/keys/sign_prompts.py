"""Signs the prompts for PINs; `scripts/sign-prompts` runs it.

A key file holds an Ed25519 seed in 64 hexadecimal digits; lines that begin with # are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firmware.keys.prompts import signed_content, words_hash
from firmware.wording import Words, load_wording, pin_prompt_words

ROOT = Path(__file__).parents[3]
TEST_KEY = Path(__file__).with_name("prompt_authority.key")
LIST = ROOT / "board/params/prompts.toml"


def authority(key_file: Path) -> Ed25519PrivateKey:
    lines = key_file.read_text().splitlines()
    return Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("".join(line for line in lines if not line.startswith("#")))
    )


def prompt_hashes(wording: Mapping[str, Words]) -> dict[tuple[str, str], bytes]:
    return {
        (prompt, language): words_hash(pin_prompt_words(words, prompt))
        for language, words in wording.items()
        for prompt in words.sections["pin_prompts"]
    }


def signed_list(hashes: Mapping[tuple[str, str], bytes], key: Ed25519PrivateKey) -> str:
    lines = [
        "# The prompts under which a PIN may be asked for, by the SHA-256 of their words (scripts/sign-prompts).",
        f'signature = "{key.sign(signed_content(hashes)).hex()}"',
    ]
    for prompt in sorted({prompt for prompt, _ in hashes}):
        lines += [
            "",
            f"[{prompt}]",
            *(f'{lang} = "{value.hex()}"' for (own, lang), value in hashes.items() if own == prompt),
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    key = authority(Path(sys.argv[1]) if len(sys.argv) > 1 else TEST_KEY)
    LIST.write_text(signed_list(prompt_hashes(load_wording(ROOT / "board/params/wording")), key))
    sys.stdout.write(f"public key of the authority: {key.public_key().public_bytes_raw().hex()}\n")


if __name__ == "__main__":
    main()
