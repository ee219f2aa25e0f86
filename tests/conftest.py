"""What holds for every test: how hypothesis runs. Not for fixtures of one kind of test."""

import os

from hypothesis import settings

# A busy machine is no failure (deadline); what lands must not depend on luck, so CI tries the same examples each time.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "developer")
