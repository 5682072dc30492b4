"""Writes a training script whose data are files of the user's own: they are read beside the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from core.errors import ChainruleError
from core.exchange.script import script_data, write_data, written_script
from core.filedata import data_line
from core.files import write_atomically
from core.inspecting.told import AskBring
from core.reading import Reading
from gui.data.reader import DataReader


class ScriptWriting(QObject):
    """One script at a time; its text is written when all of its data are."""

    def __init__(self, reader: DataReader, parent: QObject) -> None:
        super().__init__(parent)
        self._reader = reader
        self._questions: list[int] = []
        self._left = 0

    def start(
        self,
        known: Reading,
        path: Path,
        done: Callable[[tuple[Path, ...]], None],
        failed: Callable[[ChainruleError], None],
        doing: Callable[[str, float], None] = lambda _text, _share: None,
    ) -> None:
        """Write it; `done` is called with the files, at once where nothing of the user's own is read."""
        self.cancel()
        try:
            text, files = written_script(known, path.stem).text, script_data(known, path.stem)
            own = [item for item in files if item.settings.found is not None]
            for item in files:
                if item not in own:
                    write_data(item, path)
        except ChainruleError as error:
            failed(error)
            return
        self._left = len(own)

        def one_written(_path: str = "") -> None:
            self._left -= 1
            if self._left > 0:
                return
            self._questions.clear()
            try:
                write_atomically(path, text)
            except ChainruleError as error:
                failed(error)
                return
            done((path, *(path.with_name(item.file) for item in files)))

        def one_failed(error: ChainruleError) -> None:
            self.cancel()
            failed(error)

        for item in own:
            names = [field.name for field, _variable in item.fields]
            asked = AskBring(data_line("", item.settings), names, str(path.with_name(item.file).absolute()))
            self._questions.append(self._reader.ask(asked, str, one_written, one_failed, doing))
        if not own:
            one_written()

    def cancel(self) -> None:
        """Give up what is under way."""
        questions, self._questions = self._questions, []
        for question in questions:
            self._reader.cancel(question)
