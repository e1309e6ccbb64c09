"""Hold fixed conversations and print the replies as JSON: `python same_conversations.py [--stand-in]`.

With `--stand-in`, TensorFlow counts as not installed.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bot import light_tensorflow, runtime

CONVERSATIONS = (
    ("你好", "身份证过期了在外地能换吗", "那要带什么材料", "多少钱", "谢谢"),
    (
        "我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修",
        "1380013",
        "社保卡丢了怎么补办",
        "13800138000",
        "王女士",
        "同意",
    ),
    ("我要反映问题", "楼下着火了", "我的工单", "再见"),
    ("今天天气怎么样", "你是机器人吗", "我不想说了", "怎么开公司", "都不是"),
)


async def hold(folder: Path) -> list:
    from bot.assistant import Incoming, new_id
    from program.assembly import open_parts
    from service.settings import Settings

    held = []
    async with open_parts(Settings(data_dir=folder, encoder=False)) as parts:
        for conversation in CONVERSATIONS:
            ours = new_id()
            for text in conversation:
                outcome = await parts.assistant.turn(Incoming(ours, "widget", new_id(), text))
                held.append([text, *(reply.body for reply in outcome.replies)])
    return held


if __name__ == "__main__":
    if "--stand-in" in sys.argv:
        light_tensorflow.tensorflow_is_installed = lambda: False
    with tempfile.TemporaryDirectory() as scratch:
        runtime.prepare(Path(scratch))
        result = {"stand-in": light_tensorflow.install(), "replies": asyncio.run(hold(Path(scratch)))}
    sys.stdout.write(json.dumps(result, ensure_ascii=False))
