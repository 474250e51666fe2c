"""Downloaded parameters of applications, checked and laid over those of the files.

Owned here: what came takes the place of the file's value, what did not come stays as in the file. An application that
the file does not know begins as a copy of its scheme's first one; of a scheme that is not known either, everything must
come. The threshold of random selection is never above the floor limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from firmware.emv.dol import asks_for_unpredictable_number, parse_dol
from firmware.emv.errors import CardDataError
from firmware.emv.parameter_files import AMOUNT_MAX, PERCENT_MAX
from firmware.emv.parameters import ApplicationParameters
from firmware.host import downloads
from firmware.host.downloads import DownloadedAid
from firmware.host.errors import BadAnswer
from firmware.provisions.errors import BadDownload

_AID_BYTES: Final = (5, 16)
_RID_BYTES: Final = 5
_TAC_BYTES: Final = 5
_VERSION_BYTES: Final = 2
_NAME_MAX: Final = 16
_UNPREDICTABLE_NUMBER: Final = bytes.fromhex("9F3704")
_NEEDED: Final = (
    ("version", "9F08"),
    ("tac_default", "DF11"),
    ("tac_online", "DF12"),
    ("tac_denial", "DF13"),
    ("floor_limit", "9F1B"),
    ("default_ddol", "DF14"),
)
"""What an application of an unknown scheme cannot do without."""

Applications = tuple[ApplicationParameters, ...]


def read_aids(entries: Iterable[bytes]) -> tuple[DownloadedAid, ...]:
    """The applications of a downloaded set. Raises: BadDownload."""
    aids: list[DownloadedAid] = []
    for entry in entries:
        try:
            came = downloads.aid_parameters(downloads.WITH_DATA + entry)
        except BadAnswer as error:
            raise BadDownload(f"the parameters of an application cannot be read: {error}") from None
        if came is None or came.aid in [each.aid for each in aids]:
            raise BadDownload("an application is empty, or comes twice")
        aids.append(came)
    return tuple(aids)


def overlaid(files: Applications, came: Iterable[DownloadedAid]) -> Applications:
    """The applications in force, those of the files first and in their order. Raises: BadDownload."""
    found = {each.aid: each for each in files}
    for aid in came:
        found[aid.aid] = _application(aid, found.get(aid.aid) or _template(aid, files))
    return tuple(found.values())


def _template(came: DownloadedAid, files: Applications) -> ApplicationParameters:
    """What a new application begins as."""
    name = f"application {came.aid.hex().upper()}"
    if not _AID_BYTES[0] <= len(came.aid) <= _AID_BYTES[1]:
        raise BadDownload(f"{name}: 9F06 is not {_AID_BYTES[0]} to {_AID_BYTES[1]} bytes")
    for each in files:
        if each.aid[:_RID_BYTES] == came.aid[:_RID_BYTES]:
            return replace(each, aid=came.aid)
    for field, tag in _NEEDED:
        if getattr(came, field) is None:
            raise BadDownload(f"{name}: {tag} is missing, and the files know nothing of its scheme")
    nothing = bytes(_TAC_BYTES)
    return ApplicationParameters(
        aid=came.aid,
        name=came.aid.hex().upper()[:_NAME_MAX],
        partial_match=True,
        version=0,
        tac_default=nothing,
        tac_denial=nothing,
        tac_online=nothing,
        floor_limit_minor=0,
        random_threshold_minor=0,
        random_target_percent=0,
        random_maximum_percent=0,
        default_ddol=_UNPREDICTABLE_NUMBER,
        default_tdol=b"",
    )


def _application(came: DownloadedAid, before: ApplicationParameters) -> ApplicationParameters:
    name = f"application {came.aid.hex().upper()}"
    floor = _within(name, "9F1B", came.floor_limit, AMOUNT_MAX, before.floor_limit_minor)
    threshold = _within(name, "DF15", came.random_threshold, 0xFFFFFFFF, before.random_threshold_minor)
    maximum = _within(name, "DF16", came.random_maximum_percent, PERCENT_MAX, before.random_maximum_percent)
    target = _within(name, "DF17", came.random_target_percent, PERCENT_MAX, before.random_target_percent)
    if target > maximum:
        raise BadDownload(f"{name}: DF17 is above DF16")
    version = _octets(name, "9F08", came.version, _VERSION_BYTES)
    return replace(
        before,
        partial_match=before.partial_match if came.partial_match is None else came.partial_match,
        version=before.version if version is None else int.from_bytes(version, "big"),
        tac_default=_octets(name, "DF11", came.tac_default, _TAC_BYTES) or before.tac_default,
        tac_online=_octets(name, "DF12", came.tac_online, _TAC_BYTES) or before.tac_online,
        tac_denial=_octets(name, "DF13", came.tac_denial, _TAC_BYTES) or before.tac_denial,
        floor_limit_minor=floor,
        random_threshold_minor=min(threshold, floor),
        random_target_percent=target,
        random_maximum_percent=maximum,
        default_ddol=_ddol(name, came.default_ddol) or before.default_ddol,
    )


def _within(name: str, tag: str, came: int | None, most: int, before: int) -> int:
    if came is None:
        return before
    if came > most:
        raise BadDownload(f"{name}: {tag} is above {most}")
    return came


def _octets(name: str, tag: str, came: bytes | None, length: int) -> bytes | None:
    if came is not None and len(came) != length:
        raise BadDownload(f"{name}: {tag} is not {length} bytes")
    return came


def _ddol(name: str, came: bytes | None) -> bytes:
    """A default DDOL that dynamic authentication can succeed with (Book 2 §6.5.1); none where none came."""
    if not came:
        return b""
    try:
        if asks_for_unpredictable_number(parse_dol(came, "DDOL")):
            return came
    except CardDataError as error:
        raise BadDownload(f"{name}: DF14: {error.fact}") from None
    raise BadDownload(f"{name}: DF14 does not ask for the unpredictable number")
