"""Property tests measure truth, not speed: a busy machine must not fail them."""

from hypothesis import settings

settings.register_profile("laufzettel", deadline=None)
settings.load_profile("laufzettel")
