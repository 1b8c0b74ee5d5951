"""What survives a restart: values that were kept are taken over at start, and sent to the hardware. Loaded for that alone."""

import asyncio

from micropython import const
from secnode import limits, log

_WAIT = const(5000)  # ms that the start waits for all hardware together


def recall(node, store):
    """Take over what was kept, after the same check as a client's value. Gives the parameters that got theirs."""
    left = [a for a in node.parameters if a.definition.keep and store.get(a.module.name, a.name) is not None]
    # limits first: they bind the rest; and once more whenever one that was taken may have made room for others
    left = [a for a in left if limits.is_limit(a)] + [a for a in left if not limits.is_limit(a)]
    taken = []
    while left:
        refused = []
        for a in left:
            try:
                node.accept(a, node.judge(a, store.get(a.module.name, a.name)))
                taken.append(a)
            except Exception as e:
                refused.append((a, e))
        if len(refused) == len(left):
            for a, e in refused:
                value = store.get(a.module.name, a.name)
                log.error(a.module.name, "%s, kept as %s, does not fit any more and is dropped: %s", a.name, value, e)
                store.set(a.module.name, a.name, None)
            break
        left = [a for a, _ in refused]
    return taken


async def restore(node, kept):
    """Send what was kept to the hardware, all modules at once. What takes longer than 5 s goes on when the node has started."""
    tasks = []
    for module in node.modules:
        mine = [a for a in kept if a.module is module and a.act]
        if mine:
            tasks.append(asyncio.create_task(_send(node, module, mine)))
    for _ in range(_WAIT // 10):
        if all([task.done() for task in tasks]):
            break
        await asyncio.sleep_ms(10)


async def _send(node, module, kept):
    for a in kept:
        try:
            await node.enter(module)
            try:
                used = node.apply(a, getattr(module, a.name))
            finally:
                module.in_use = False
            if hasattr(used, "send"):
                used = await node.result(a, used)
            if used is not None:
                node.accept(a, a.convert(used))
        except Exception as e:
            node.fail(a, e)
            log.error(module.name, "%s was kept and can't be set: %s", a.name, a.error.text)
