"""Runs an image for a moment and prints which modules it has loaded: for test_wifi.py."""

import sys

folder, host, shims = sys.argv[1:]
sys.path[:0] = [folder, host]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython  # noqa: F401
import os  # noqa: E402

os.chdir(folder)
import asyncio  # noqa: E402

import boot  # noqa: E402, F401
import running  # noqa: E402

serve = running._serve


async def moment(*args):
    asyncio.create_task(serve(*args))
    await asyncio.sleep(0.5)
    raise KeyboardInterrupt


running._serve = moment
code = running.run()
print("\n".join(sys.modules))
sys.exit(code)
