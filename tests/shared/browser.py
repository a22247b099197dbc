"""A headless Chromium, for what a person sees of a page."""

from __future__ import annotations

import base64
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import requests

DRIVER, BROWSER = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that WebDriver gives a reference to an element
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
IS_HERE = bool(DRIVER and BROWSER)


class Browser:
    """A headless Chromium, by the WebDriver protocol (W3C WebDriver)."""

    def __init__(self, profile: Path) -> None:
        self.process = subprocess.Popen(
            [str(DRIVER), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        line = next(line for line in self.process.stdout if "started successfully on port" in line)
        self.url = "http://127.0.0.1:" + line.rstrip(".\n").rpartition(" ")[2]
        options = {"binary": BROWSER, "args": [*FLAGS, f"--user-data-dir={profile}"]}
        wanted = {
            "capabilities": {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
        }
        self.session = ""
        self.session = f"/session/{self.ask('POST', '/session', wanted)['sessionId']}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        reply = requests.request(method, self.url + self.session + path, json=body, timeout=60)
        value = reply.json()["value"]
        assert reply.ok, value
        return value

    def run(self, script: str) -> Any:
        return self.ask("POST", "/execute/sync", {"script": f"return {script}", "args": []})

    def until(self, script: str) -> Any:
        for _ in range(400):
            found = self.run(script)
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{script} never came true; the page says: {self.run('document.body.innerText')}")

    def click(self, selector: str) -> None:
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        self.ask("POST", f"/element/{found[ELEMENT]}/click", {})

    def fill(self, selector: str, text: str) -> None:
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        self.ask("POST", f"/element/{found[ELEMENT]}/clear", {})
        self.ask("POST", f"/element/{found[ELEMENT]}/value", {"text": text})

    def pick(self, selector: str, *files: Path) -> None:
        """Choose files, as in a dialog."""
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        self.ask("POST", f"/element/{found[ELEMENT]}/value", {"text": "\n".join(map(str, files))})

    def cdp(self, command: str, **facts: Any) -> None:
        """A command of Chromium's own protocol."""
        self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": facts})

    def press(self, keys: str) -> None:
        """Keys for whatever has the focus."""
        presses = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": presses}]})

    def window(self, width: int, height: int, scheme: str = "light") -> None:
        """Of this size, for eyes that like it light or dark."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, picture: Path) -> None:
        """What is seen now, as a PNG."""
        picture.write_bytes(base64.b64decode(self.ask("GET", "/screenshot")))

    def close(self) -> None:
        try:
            self.ask("DELETE", "")
        finally:
            self.process.terminate()
            self.process.communicate(timeout=20)
