"""A synthetic hospital: real pixels from installed packages, generated patients, no download."""

from __future__ import annotations
