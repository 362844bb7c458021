"""Python runs this first where its folder stands in PYTHONPATH: the process has a Redis client that is deaf."""

import sys

from tests.system.deaf_redis import make_deaf

make_deaf(setattr, lambda task: print(f"swallowed a cancellation of {task}", file=sys.stderr, flush=True))
