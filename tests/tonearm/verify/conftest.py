"""The doctor's healthy stack, for verify's steps."""

from tests.tonearm.doctor.conftest import healthy, spotify

__all__ = ["healthy", "spotify"]
