"""Read and compile a rulebook in a fresh process, and say what it took as one line of JSON.

DATABASE_URL=... python -m loadtests.bench.rulebook_load
"""

import asyncio
import json
import os
import time

from loadtests.bench.engine_time import read_rulebook
from loadtests.bench.process_tree import use_of_tree


def main() -> None:
    before, started = use_of_tree(os.getpid()).memory_bytes, time.perf_counter()
    rulebook = asyncio.run(read_rulebook(os.environ["DATABASE_URL"]))
    seconds, memory_bytes = time.perf_counter() - started, use_of_tree(os.getpid()).memory_bytes - before
    print(json.dumps({"rates": rulebook.rates.count, "seconds": seconds, "memory_bytes": memory_bytes}))


if __name__ == "__main__":
    main()
