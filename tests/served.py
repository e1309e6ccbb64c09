"""The assistant as a process of its own, talked to over HTTP."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from conftest import wait_until
from forked import Command

PROJECT = Path(__file__).resolve().parent.parent


class Server:
    """`liaotianban serve` on a port of the system's choosing, begun from nothing."""

    def __init__(self, folder, model_dir, database_url="", *arguments, **settings):
        self.folder = folder
        self.arguments = ("serve", *arguments)
        self.environment = {
            "LTB_DATA_DIR": str(folder),
            "LTB_MODEL_DIR": str(model_dir),
            "LTB_DATABASE_URL": database_url,
            "LTB_PORT": "0",
            "LTB_ENCODER": "false",
            "LTB_MESSAGES_PER_MINUTE": "100000",
            "LTB_SESSIONS_PER_MINUTE": "100000",
        } | settings

    def start(self):
        said = self.folder / "stdout"
        said.unlink(missing_ok=True)
        self.process = self.launch()
        wait_until(lambda: self.process.poll() is not None or self.announced(said), "the server did not start", 180)
        self.said = said.read_text("utf-8")
        assert self.process.poll() is None, "the server ended"
        self.address = next(line.split()[-1] for line in self.said.splitlines() if "市民页面" in line).rstrip("/")

    @staticmethod
    def announced(said):
        return said.exists() and "Ctrl+C" in said.read_text("utf-8")

    def launch(self):
        command = [sys.executable, "-m", "program.cli", *self.arguments]
        with (self.folder / "stdout").open("w") as said:
            environment = os.environ | self.environment
            return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=said, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def stop(self):
        """Ask it to end; its exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def post(self, path, body):
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def say(self, session, text="", **said):
        """The replies to one message."""
        return self.post("/api/v1/widget/messages", {"session": session, "text": text} | said)["replies"]

    def open(self):
        """A new session."""
        return self.post("/api/v1/widget/sessions", {})["session"]


class ForkedServer(Server):
    """The same, without the seconds that imports take."""

    def launch(self):
        return Command(self.folder, self.arguments, self.environment)
