"""Folders: where a user's data and caches belong on this system."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """For what can be fetched again: Kafka's jars and the archive of their classes."""
    return _dir(environ, "LAUFZETTEL_CACHE_DIR", "XDG_CACHE_HOME", ".cache", "Library/Caches")


def data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """For what must be kept. Not the working directory: started from elsewhere, all cases would seem to be gone."""
    return _dir(environ, "LAUFZETTEL_DATA_DIR", "XDG_DATA_HOME", ".local/share", "Library/Application Support")


def _dir(environ: Mapping[str, str], own: str, xdg: str, linux: str, mac: str) -> Path:
    if chosen := environ.get(own):
        return Path(chosen).expanduser()
    if base := environ.get(xdg):
        return Path(base) / "laufzettel"
    return Path.home() / (mac if sys.platform == "darwin" else linux) / "laufzettel"
