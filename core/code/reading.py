"""Data sets as Python: read from the file beside the script or made by formula, split and scaled as the app does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.code.lines import WIDTH, Line, docstring, statement
from core.code.model import attribute, laid_out
from core.data.settings import (
    DatasetSettings,
    dataset_kind,
    may_miss,
    normalisation_kind,
    option_values,
    sample_count,
    split_kind,
    split_sizes,
    strata_field,
)
from core.data.sources import FieldSpec
from core.parttext import function_text

STRATA = "classes"
"""The variable with the class of each sample."""
_FORMULAS = Path(__file__).parents[1] / "data" / "generated.py"
_RULES = _FORMULAS.with_name("sequences.py")
_FILLING = _FORMULAS.with_name("filling.py")


@dataclass(frozen=True, slots=True)
class WrittenData:
    """One data set of the script: its settings, what is read of it, and what its variables are called."""

    dataset: str
    settings: DatasetSettings
    fields: tuple[tuple[FieldSpec, str], ...]
    """Each field that is read with its variable, in the order in which they are handed out."""
    function: str
    train: str
    validation: str
    file: str
    """The name of the file beside the script; empty for a set made by formula."""

    @property
    def variables(self) -> tuple[str, ...]:
        """What the function hands out."""
        held = (self.validation,) if self.settings.validation else ()
        return (*(name for _field, name in self.fields), self.train, *held)


def written_data(
    dataset: str, settings: DatasetSettings, names: Sequence[tuple[str, str]], stem: str, alone: bool
) -> WrittenData:
    """The data set of this id, of which these fields are read by these variables."""
    kind = dataset_kind(settings)
    fields = tuple((field, dict(names)[field.name]) for field in kind.fields if field.name in dict(names))
    mark = "" if alone else f"{attribute(dataset)}_"
    file = f"{stem}-{settings.source if alone else attribute(dataset)}.npz" if kind.file is not None else ""
    function = "load_data" if alone else f"load_{attribute(dataset)}"
    return WrittenData(dataset, settings, fields, function, f"{mark}train", f"{mark}validation", file)


def formula_lines(data: Sequence[WrittenData]) -> Iterator[tuple[Line, ...]]:
    """The functions that the data need, each once."""
    generated = [item for item in data if not item.file]
    names = dict.fromkeys(item.settings.source for item in generated)
    ruled = {item.settings.source for item in generated if _is_ruled(item.settings)}
    texts = [function_text(_RULES if name in ruled else _FORMULAS, name) for name in names]
    if any("_polar" in text for text in texts):
        texts.insert(0, function_text(_FORMULAS, "_polar"))
    if any(is_filled(item, field) for item in data for field, _name in item.fields):
        texts.append(function_text(_FILLING, "filled"))
    if any(is_scaled(item, field) for item in data for field, _name in item.fields):
        texts.append(_STANDARDISE)
    for text in texts:
        yield laid_out(text)


_STANDARDISE = '''def standardise(values, rows, axis):
    """The values with mean 0 and deviation 1 over the training rows."""
    mean = np.atleast_1d(values[rows].mean(axis, dtype=np.float64))
    deviation = np.atleast_1d(values[rows].std(axis, dtype=np.float64))
    scale = np.where(deviation > np.abs(mean) * 1e-07, deviation, 1.0)
    return ((values - mean) / scale).astype(np.float32)'''


def is_scaled(data: WrittenData, field: FieldSpec) -> bool:
    """Whether the field is brought to mean 0 and deviation 1."""
    return field.scaled and normalisation_kind(data.settings) == "standardise"


def is_filled(data: WrittenData, field: FieldSpec) -> bool:
    """Whether numbers of the field may be missing, and are filled."""
    return may_miss(data.settings) and field.role == "input" and field.dtype == "float32"


def data_lines(data: WrittenData) -> Iterator[Line]:
    """The function that hands out the fields, and the numbers of the samples of either part."""
    kind, settings = dataset_kind(data.settings), data.settings
    held = split_sizes(settings)[1]
    yield Line(f"def {data.function}():")
    says = "samples to train on and to validate with" if held else "samples to train on"
    yield from docstring(f"{kind.title}: {', '.join(name for _field, name in data.fields)}, and the {says}.", 1)
    yield from _packaged(data) if data.file else _generated(data)
    yield from _parts(settings)
    chosen = ("train", "validation") if held else ("samples",)
    for field, name in data.fields:
        if is_filled(data, field):
            yield from statement(f"{name} = filled({name}, {chosen[0]}.numpy())", 1)
        if is_scaled(data, field):
            axis = "0" if field.columns else "None"
            yield from statement(f"{name} = standardise({name}, {chosen[0]}.numpy(), {axis})", 1)
    tensors = [f"torch.from_numpy({name})" for _field, name in data.fields]
    yield from _returned((*tensors, *chosen))


def _returned(texts: Sequence[str]) -> Iterator[Line]:
    """All of them, each in a line of its own where one has no room."""
    whole = f"    return {', '.join(texts)}"
    if len(whole) <= WIDTH:
        yield Line(whole)
    else:
        yield from (Line("    return ("), *(Line(f"        {text},") for text in texts), Line("    )"))


def _parts(settings: DatasetSettings) -> Iterator[Line]:
    """Which samples are to train on, and which are held out."""
    (train, held), total = split_sizes(settings), sample_count(settings)
    if split_kind(settings) == "time":
        if held:
            yield from statement(f"train, validation = torch.arange({train}), torch.arange({total - held}, {total})", 1)
        else:
            yield from statement(f"samples = torch.arange({total})", 1)
        return
    yield from statement(f"order = torch.Generator().manual_seed({settings.seed})", 1)
    yield from statement(f"samples = torch.randperm({total}, generator=order)", 1)
    if strata_field(settings) is not None:
        yield from statement(f"samples = samples[torch.argsort(torch.from_numpy({STRATA})[samples], stable=True)]", 1)
        if held:
            yield from statement(f"ends = torch.arange({total + 1}) * {held} // {total}", 1)
            yield from statement("is_held = ends[1:] > ends[:-1]", 1)
            yield from statement("train, validation = samples[~is_held], samples[is_held]", 1)
    elif held:
        yield from statement(f"train, validation = samples[:{train}], samples[{train}:]", 1)


def _packaged(data: WrittenData) -> Iterator[Line]:
    levels = dataset_kind(data.settings).levels
    yield from statement(f'with np.load(Path(__file__).with_name("{data.file}")) as file:', 1)
    for field, name in data.fields:
        text = f'file["{field.name}"]'
        if is_pixels(data.settings, field):
            channel = "[:, np.newaxis]" if field.shape[0] == 1 else ""
            text = f"{text}{channel}.astype(np.float32) / np.float32({levels})"
        yield from statement(f"{name} = {text}", 2)
    strata = strata_field(data.settings)
    if strata is not None:
        yield from statement(f'{STRATA} = file["{strata.name}"]', 2)


def is_pixels(settings: DatasetSettings, field: FieldSpec) -> bool:
    """Whether the file keeps the field as whole numbers of a picture."""
    is_picture = field.name in ("image", "mask") and field.dtype == "float32" and len(field.shape) == 3
    return is_picture and dataset_kind(settings).levels is not None


def _is_ruled(settings: DatasetSettings) -> bool:
    """Whether one function makes all fields, as it does of sequences."""
    kind = dataset_kind(settings)
    return kind.file is None and kind.fitted is not None


def _ruled(data: WrittenData) -> Iterator[Line]:
    """Sequences made by rule: one call, which hands out the fields by name."""
    values = option_values(data.settings) | {"samples": sample_count(data.settings)}
    given = ", ".join(f"{name}={_text(value)}" for name, value in values.items())
    yield from statement(f"random = np.random.RandomState({data.settings.seed})", 1)
    yield from statement(f"made = {data.settings.source}({given}, random=random)", 1)
    for field, name in data.fields:
        yield from statement(f'{name} = made["{field.name}"]', 1)
    strata = strata_field(data.settings)
    if strata is not None:
        yield from statement(f'{STRATA} = made["{strata.name}"]', 1)


def _text(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _generated(data: WrittenData) -> Iterator[Line]:
    if _is_ruled(data.settings):
        yield from _ruled(data)
        return
    options = {name: float(value) for name, value in option_values(data.settings).items()}
    count, noise = int(options.pop("samples")), options.pop("noise")
    names = {field.name: name for field, name in data.fields}
    yield from statement(f"{STRATA} = np.arange({count}, dtype=np.int64) % 2", 1)
    yield from statement(f"random = np.random.RandomState({data.settings.seed})", 1)
    shape = ", ".join(f'"{name}": {value!r}' for name, value in options.items())
    yield from statement(f"exact = {data.settings.source}({STRATA}, {{{shape}}}, random)", 1)
    if "point" in names:
        yield from statement(f"noise = {noise!r} * random.standard_normal(exact.shape)", 1)
        yield from statement(f"{names['point']} = (exact + noise).astype(np.float32)", 1)
    if "label" in names:
        yield from statement(f"{names['label']} = {STRATA}", 1)
    if "target" in names:
        yield from statement(f"{names['target']} = {STRATA}.astype(np.float32).reshape(-1, 1)", 1)
    if "sign" in names:
        yield from statement(f"{names['sign']} = 2 * {STRATA}.astype(np.float32).reshape(-1, 1) - 1", 1)
