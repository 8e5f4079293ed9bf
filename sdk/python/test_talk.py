"""The example against the real server, which is killed and started again in the middle.

    NATTERJACK_BINARY=target/debug/natterjack python3 sdk/python/test_talk.py
"""

import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

TALK = Path(__file__).parent / "talk.py"

# How many seconds anything may take that is waited for.
LIMIT = 30


class Program:
    """Something that runs, whose lines can be waited for."""

    def __init__(self, test, command, **options):
        self.running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        test.addCleanup(self.kill)

    def _read(self):
        for line in self.running.stdout:
            self.lines.put(line.rstrip("\n"))

    def hears(self, text):
        """Reads until a line with this text comes."""
        deadline = time.monotonic() + LIMIT
        try:
            while text not in self.lines.get(timeout=max(0, deadline - time.monotonic())):
                pass
        except queue.Empty:
            raise AssertionError(f"this is not said: {text}") from None

    def types(self, text):
        self.running.stdin.write(f"{text}\n")
        self.running.stdin.flush()

    def kill(self):
        self.running.kill()
        self.running.wait()
        self.reader.join()
        self.running.stdin.close()
        self.running.stdout.close()


class Talk(unittest.TestCase):
    def start_server(self, address, folder):
        binary = Path(os.environ["NATTERJACK_BINARY"]).absolute()
        stores = ("DATABASE_URL", "MONGODB_URL", "NATS_URL")
        environment = {name: value for name, value in os.environ.items() if name not in stores}
        command = [binary, "--listen", address, "--rate-limits", "off", "--log", "error", "--data-dir", folder]
        server = Program(self, command, cwd=folder, env=environment)
        server.hears("listening on http://")
        return server

    def test_two_people_talk_also_when_the_server_was_killed_in_between(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        server = self.start_server(address, folder.name)
        url = f"http://{address}/graphql"
        ada, bob = (
            Program(self, [sys.executable, TALK, url, me, other]) for me, other in (("ada", "bob"), ("bob", "ada"))
        )
        ada.hears("(you talk with bob)")
        bob.hears("(you talk with ada)")

        ada.types("Can you hear me?")
        for person in (ada, bob):
            person.hears("ada: Can you hear me?")
        server.kill()
        bob.types("Yes, I can")
        self.start_server(address, folder.name)
        for person in (ada, bob):
            # The next line at all: what was said before is not said again.
            self.assertEqual(person.lines.get(timeout=LIMIT), "bob: Yes, I can")


if __name__ == "__main__":
    unittest.main()
