"""Pictures of single lines of text to characters, by the recognition model that the package rapidocr brings along.

Belongs here: the model, what it is fed and what its answers mean. Does not belong here: where lines are, and whether
an answer is believed. The package itself is never imported: it would look for models on the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import onnxruntime

# The model's own measure
_HEIGHT = 48
_NARROWEST, _WIDEST = 64, 3200
# Widths are rounded up, so that lines of about the same length go through together
_WIDTH_STEP = 32
_PIXELS_PER_BATCH = 48 * 3200
_NO_CHARACTER = 0


class Recognised(NamedTuple):
    """The characters of one line, and how sure the model is of each, 0 to 1."""

    text: str
    confidences: tuple[float, ...]

    @property
    def least(self) -> float:
        """Of the character it is least sure of; 0 where it sees nothing."""
        return min(self.confidences, default=0.0)


def recognise_lines(pictures: Sequence[np.ndarray], model: Path) -> list[Recognised]:
    """What each line says, '' where nothing is seen. A picture is one line, dark on white, with some margin."""
    scaled = [_scale(picture) for picture in pictures]
    found = [Recognised("", ())] * len(scaled)
    for batch in _list_batches([picture.shape[1] for picture in scaled]):
        width = -(-max(scaled[i].shape[1] for i in batch) // _WIDTH_STEP) * _WIDTH_STEP
        # What is beyond the picture is 0, as in the model's training; black is -1, white 1
        fed = np.zeros((len(batch), 3, _HEIGHT, width), np.float32)
        for place, i in enumerate(batch):
            fed[place, :, :, : scaled[i].shape[1]] = scaled[i].astype(np.float32) / 127.5 - 1
        session, alphabet = _load_model(model)
        (scores,) = session.run(None, {session.get_inputs()[0].name: fed})
        for place, i in enumerate(batch):
            found[i] = _decode(scores[place], alphabet)
    return found


def _scale(picture: np.ndarray) -> np.ndarray:
    width = round(picture.shape[1] * _HEIGHT / picture.shape[0])
    size = min(max(width, 1), _WIDEST), _HEIGHT
    smaller = picture.shape[0] > _HEIGHT
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def _list_batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of the pictures in groups of about the same width, each within the limit of pixels."""
    batch: list[int] = []
    for i in sorted(range(len(widths)), key=widths.__getitem__):
        if batch and (len(batch) + 1) * max(widths[i], _NARROWEST) * _HEIGHT > _PIXELS_PER_BATCH:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


@cache
def _load_model(model: Path) -> tuple[onnxruntime.InferenceSession, tuple[str, ...]]:
    """The model and what its answers stand for: nothing, the characters it lists, a blank."""
    options = onnxruntime.SessionOptions()
    # Documents are read in as many processes as there are cores
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    listed = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    return session, ("", *listed, " ")


def _decode(scores: np.ndarray, alphabet: Sequence[str]) -> Recognised:
    """The most likely symbol of every column; a character goes on until another one, or none, is more likely."""
    symbols = scores.argmax(axis=1)
    starts = np.flatnonzero(np.diff(symbols, prepend=_NO_CHARACTER)).tolist()
    runs = [(symbols[start], scores[start:end]) for start, end in pairwise([*starts, len(symbols)])]
    seen = [(alphabet[symbol], float(columns[:, symbol].max())) for symbol, columns in runs if symbol != _NO_CHARACTER]
    return Recognised("".join(text for text, _ in seen), tuple(sure for text, sure in seen for _ in text))
