"""The assistant as a process of its own, talked to over HTTP."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


class Server:
    """`liaotianban serve` on a port of the system's choosing."""

    def __init__(self, folder, model_dir, database_url="", *arguments, **settings):
        self.arguments = arguments
        self.environment = (
            os.environ
            | {
                "LTB_DATA_DIR": str(folder),
                "LTB_MODEL_DIR": str(model_dir),
                "LTB_DATABASE_URL": database_url,
                "LTB_PORT": "0",
                "LTB_ENCODER": "false",
                "LTB_MESSAGES_PER_MINUTE": "100000",
                "LTB_SESSIONS_PER_MINUTE": "100000",
                "PYTHONUNBUFFERED": "1",
            }
            | settings
        )

    def start(self):
        command = [sys.executable, "-m", "service.cli", "serve", *self.arguments]
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "市民页面" in line:
                self.address = line.split()[-1].rstrip("/")
            if "Ctrl+C" in line:
                return
        raise AssertionError("the server did not start")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        """Ask it to end; its exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def post(self, path, body):
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def say(self, session, text="", **said):
        """The replies to one message."""
        return self.post("/api/v1/widget/messages", {"session": session, "text": text} | said)["replies"]

    def open(self):
        """A new session."""
        return self.post("/api/v1/widget/sessions", {})["session"]
