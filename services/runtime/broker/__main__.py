"""``python -m services.runtime.broker``: fetches what the embedded broker needs, so that no later start has to."""

import sys

from schemas.errors import Misconfigured, Unavailable
from services.runtime.broker.jvm import find_kafka
from services.runtime.broker.telling import Telling
from services.runtime.exit_codes import ExitCode, exit_code_of
from services.runtime.folders import cache_dir


def main() -> ExitCode:
    """Shows progress and problems on standard error."""
    try:
        find_kafka(cache_dir(), Telling())
    except (Misconfigured, Unavailable) as error:
        sys.stderr.writelines(f"\n{problem.where}: {problem.text_en}\n" for problem in error.problems)
        return exit_code_of(error)
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
