import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.light_tensorflow import tensorflow_is_installed

SCRIPT = Path(__file__).with_name("same_conversations.py")


def replies(*arguments):
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(not tensorflow_is_installed(), reason="without TensorFlow there is nothing to compare with")
def test_conversations_are_the_same_with_tensorflow_and_with_its_stand_in(model_dir):
    with_stand_in, without = replies("--stand-in"), replies()

    assert with_stand_in["stand-in"]
    assert not without["stand-in"]
    assert with_stand_in["replies"] == without["replies"]


@pytest.mark.skipif(tensorflow_is_installed(), reason="TensorFlow is installed and needs no stand-in")
def test_the_stand_in_answers_whatever_a_module_looks_up_while_it_is_imported():
    code = (
        "from bot import light_tensorflow as light; assert light.install() and light.install()\n"
        "import tensorflow as tf, tensorflow.keras.layers\n"
        "class Layer(tf.keras.layers.Layer):\n"
        "    weight: tf.Tensor | None = None\n"
        "    @tf.function\n"
        "    def call(self): return 'called'\n"
        "print(Layer.call(None))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=SCRIPT.parents[2]
    )

    assert done.stdout.strip() == "called", done.stderr
