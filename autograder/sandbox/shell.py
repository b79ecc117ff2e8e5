"""An IPython shell that keeps what a cell shows, in order, as notebook outputs."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type

_TRUNCATED = "\n[the rest of this cell's output was dropped: it is too long]\n"


class Outputs:
    """The outputs of one cell, as nbformat dictionaries, up to a limit.

    Parameters
    ----------
    chars, number : int
        How many characters, and how many outputs. A room has its own limits on them; these are for
        the lab's given cells.
    """

    def __init__(self, chars: int = 2_000_000, number: int = 1_000) -> None:
        self._limits = chars, number
        self.clear()

    def clear(self, *, wait: bool = False) -> None:
        """Forget what was shown; with `wait`, once something else is."""
        self._stale = wait
        if not wait:
            self.items: list[dict[str, Any]] = []
            self._room, self._number = self._limits

    def add(self, output: dict[str, Any], size: int) -> None:
        if self._stale:
            self.clear()
        if self._room <= 0:
            return
        self._room -= size
        if self._room <= 0 or len(self.items) >= self._number:
            self._room = 0
            output = {"output_type": "stream", "name": "stderr", "text": _TRUNCATED}
        self.items.append(output)

    def stream(self, name: str, text: str) -> None:
        last = self.items[-1] if self.items and not self._stale else {}
        if last.get("name") == name and 0 < len(text) < self._room:
            self._room -= len(text)
            last["text"] += text
        elif text:
            self.add({"output_type": "stream", "name": name, "text": text}, len(text))

    def show(self, kind: str, data: dict, metadata: dict | None, **extra: Any) -> None:
        texts = {mime: _as_text(value) for mime, value in data.items()}
        output = {"output_type": kind, "data": texts, "metadata": dict(metadata or {}), **extra}
        self.add(output, sum(len(str(text)) for text in texts.values()))

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        output = {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}
        self.add(output, sum(map(len, traceback)))


class _Stream(io.TextIOBase):
    """What a cell sees as `sys.stdout` or `sys.stderr`."""

    encoding = "utf-8"

    def __init__(self, name: str, shell: CellShell) -> None:
        self._name = name
        self._shell = shell

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._shell.outputs.stream(self._name, text)
        return len(text)


class _Hook(DisplayHook):
    def start_displayhook(self) -> None: ...
    def write_output_prompt(self) -> None: ...
    def finish_displayhook(self) -> None: ...

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        count = self.shell.execution_count
        self.shell.outputs.show("execute_result", format_dict, md_dict, execution_count=count)


class _Publisher(DisplayPublisher):
    def publish(self, data: dict, metadata: dict | None = None, **_: Any) -> None:
        self.shell.outputs.show("display_data", data, metadata)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear(wait=wait)


class CellShell(InteractiveShell):
    """Runs cells as a notebook would and records what they show."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    def __init__(self, **kwargs: Any) -> None:
        self.outputs = Outputs()
        self._limits: tuple[int, ...] = ()
        super().__init__(**kwargs)
        # `!command` must come through `sys.stdout`, which is what is recorded.
        self.system = self.system_piped

    def limit_outputs(self, limits: dict[str, Any]) -> None:
        """Set what a cell may show: ``output_chars`` and ``outputs``."""
        self._limits = int(limits["output_chars"]), int(limits["outputs"])

    def do_without_terminals(self) -> None:
        """Run `!command` through a pipe from now on, as where no terminal can be made."""
        self.system = self._system_through_a_pipe

    def _system_through_a_pipe(self, command: str) -> None:
        line = self.var_expand(command, depth=1)
        with subprocess.Popen(
            line,
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            for text in process.stdout or ():
                sys.stdout.write(text)
        self.user_ns["_exit_code"] = process.returncode

    def init_history(self) -> None:
        # No history database: a cell leaves nothing behind, and nothing is shared.
        self.config.HistoryManager.enabled = False
        super().init_history()

    def run_notebook_cell(self, source: str) -> tuple[bool, list[dict[str, Any]]]:
        """Run one cell; return whether it ran through, and its outputs."""
        self.outputs = Outputs(*self._limits)
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream("stdout", self), _Stream("stderr", self)
        try:
            result = self.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = streams
        return bool(result.success), self.outputs.items

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.outputs.error(etype.__name__, str(evalue), [str(line) for line in stb])


def _as_text(value: Any) -> Any:
    import base64

    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
