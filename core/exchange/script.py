"""The whole training as a Python script that needs only torch and numpy: its losses are the app's, step for step."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import checks
from core.amounts import bytes_text
from core.code.augmenting import augmentation_lines, function_names, written_augmentation
from core.code.classes import class_title
from core.code.lines import Line, docstring
from core.code.losses import Other, compared, loss_lines, target_names
from core.code.model import field_names, network, own_classes
from core.code.optimizing import WrittenPhase, frozen, written_phases
from core.code.reading import WrittenData, data_lines, formula_lines, is_pixels, written_data
from core.code.scheduling import rate_lines
from core.code.trained import Trained
from core.code.training import constants, main_lines, share_of, validation_lines
from core.code.tree import Argument, Body, body_of, field_arguments
from core.code.updating import penalty_lines
from core.codegen import Code, class_name, class_names, joined, with_steps
from core.data.augmentation_kinds import AUGMENTATIONS
from core.data.settings import DatasetSettings, dataset_kind, sample_count, strata_field
from core.errors import DataError
from core.files import replaced, write_atomically
from core.plan import Plan
from core.project import Project
from core.python.text import written as python_blocks
from core.reading import Reading, read
from core.shapes import Analysis
from core.training.mixing import check_augmentation

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAKEN = (
    *("loss", "validate", "validation_loss", "main"),
    *("standardise", "filled", "rate_factor", "penalise", "mixed_loss"),
)
"""Names that the script has of itself."""
LOCALS = (
    *("accuracy", "batch", "batches", "begin", "classes", "epoch", "exact", "file", "held_out_loss", "loss", "losses"),
    *("model", "noise", "optimizer", "options", "order", "parser", "place", "random", "rmse", "samples", "shuffled"),
    *("told", "train", "trained", "validation", "value", "share", "per_epoch"),
    *("lowered", "lowest_loss", "waiting", "best", "waited", "kept", "ends", "is_held", "made"),
    *("generator", "partner", "lam", "move", "turn", *AUGMENTATIONS),
    *("each", "evenly", "chosen", "of_mask", "of_boxes", "held", "flip", "warp", "beta", "recolor", "partners"),
    *("F", "Path", "argparse", "enumerate", "json", "len", "math", "nn", "np", "print", "range"),
    *("time", "torch", "zip"),
    *("averaged", "chunk", "chunks", "group", "groups", "own", "part", "parts", "scaler", "weight"),
)
"""Variables of its functions, after which no field of the data is called."""


def script(project: Project, stem: str = "network") -> str:
    """The script's text; `stem` begins the names of the data files beside it. Raises what keeps it from training."""
    return written_script(read(project), stem).text


def write_script(project: Project, path: Path) -> tuple[Path, ...]:
    """Write the script, and the data that it reads beside it; what was written. Raises FileError as well."""
    return write_script_of(read(project), path)


def write_script_of(known: Reading, path: Path) -> tuple[Path, ...]:
    """The same for a project that was read."""
    text = written_script(known, path.stem).text
    files = script_data(known, path.stem)
    for item in files:
        write_data(item, path)
    write_atomically(path, text)
    return (path, *(path.with_name(item.file) for item in files))


def script_data(known: Reading, stem: str) -> tuple[WrittenData, ...]:
    """The data that stand in a file beside the script; raises DataError where there are none to train on."""
    return tuple(item for item in _data(known.project, _given(known.plan.for_training()), stem) if item.file)


def write_data(item: WrittenData, path: Path) -> None:
    """Write the data that the script at this path reads; raises FileError and DataError."""
    replaced(path.with_name(item.file), partial(_put, data_file(item)))


def _put(content: bytes, aside: Path) -> None:
    aside.write_bytes(content)


def data_file(data: WrittenData) -> bytes:
    """The content of the .npz file that the script reads: the fields before they are scaled."""
    import numpy as np

    from core.data.arrays import natural_fields

    strata = strata_field(data.settings)
    read = {field.name for field, _variable in data.fields} | ({strata.name} if strata is not None else set())
    names = [field.name for field in dataset_kind(data.settings).fields if field.name in read]
    kind = dataset_kind(data.settings)
    _check_size(data.settings)
    arrays = natural_fields(data.settings, only=names)
    for field, _variable in data.fields:
        if is_pixels(data.settings, field):
            whole = np.rint(arrays[field.name] * kind.levels).astype(np.uint8)
            arrays[field.name] = whole[:, 0] if field.shape[0] == 1 else whole
    return _archive({name: arrays[name] for name in names})


def _archive(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as an .npz file: numpy's own writer has arguments after which no array can be called."""
    import numpy as np

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, values, allow_pickle=False)
    return content.getvalue()


def _check_size(settings: DatasetSettings) -> None:
    """Raise DataError for data that a script could not hold in memory."""
    from core.data.own import own_rows
    from core.data.rows import IN_MEMORY, size_of

    names = own_rows(settings)
    size = sum(size_of(field, sample_count(settings)) for field in dataset_kind(settings).fields if field.name in names)
    if size > IN_MEMORY:
        came = f"{bytes_text(size)} came, which are read from their file while training"
        wanted = f"data of at most {bytes_text(IN_MEMORY)} were wanted for a script"
        raise DataError(wanted, came, settings.path, "Take a part of the data for it.")


def written_script(known: Reading, stem: str = "network") -> Code:
    """The script, with the nodes behind its lines; raises what keeps the project from training."""
    checks.raise_first(known.problems)
    project, analysis = known.project, known.analysis
    plan = known.plan.for_training()
    own = own_classes(plan.steps)
    blocks = python_blocks(plan.steps, (class_name(project), *TAKEN, *AUGMENTATIONS, *class_names(own)))
    plan = with_steps(plan, blocks.steps)
    fields = field_names(_given(plan), LOCALS)
    phases = written_phases(plan, analysis, project.training)
    whole, methods = _methods(project, plan, analysis, phases)
    name = class_title(project.name)
    texts = (*own, *(tuple(map(Line, text.splitlines())) for text in blocks.texts))
    mains = {"forward": whole, **{method: body for _phase, method, body in methods}}
    data = _data(project, fields, stem)
    kept = frozen(plan, analysis, project.training)
    check_augmentation(plan, analysis, project.data)
    augmented = written_augmentation(plan, data)
    taken = (*TAKEN, *function_names(augmented))
    made = Trained(project.training, plan, analysis, name, whole, methods, fields, data, kept, augmented)
    parts = [
        constants(made),
        *texts,
        *map(tuple, network(project, analysis, mains, name, fields, (*class_names(texts), *taken))),
        *_losses(made, analysis),
        *((rates,) if (rates := tuple(rate_lines(project.training.schedule))) else ()),
        *((penalties,) if (penalties := tuple(penalty_lines(project.training))) else ()),
        *augmentation_lines(augmented),
        *formula_lines(data),
        *_readers(plan, data),
        *((tuple(validation_lines(made)),) if made.held_out else ()),
        tuple(main_lines(made)),
        (Line('if __name__ == "__main__":'), Line("    main()")),
    ]
    head = tuple(docstring(_title(project, data)))
    return Code((*head, Line(""), *joined(parts, blocks.imports)))


def _readers(plan: Plan, data: Sequence[WrittenData]) -> Iterable[tuple[Line, ...]]:
    """The functions that bring the data, behind which the data nodes stand."""
    for item in data:
        nodes = tuple(dict.fromkeys(step.node for step in plan.sources if step.dataset == item.dataset))
        yield tuple(line._replace(nodes=nodes) for line in data_lines(item))


def _title(project: Project, data: Sequence[WrittenData]) -> str:
    titles = " and ".join(dataset_kind(item.settings).title for item in data)
    needed = ["torch", "numpy", *(item.file for item in data if item.file)]
    words = f"{', '.join(needed[:-1])} and {needed[-1]}"
    return f"Trains {project.name} on {titles}, step for step as Chainrule does. It needs {words}."


def _given(plan: Plan) -> tuple[Argument, ...]:
    """The fields that training reads; raises DataError where there is none."""
    found = field_arguments(plan)
    if not found:
        raise DataError("a data set that the losses read was wanted", "none is wired", "", "Wire a data set.")
    return found


def _data(project: Project, fields: Iterable[Argument], stem: str) -> tuple[WrittenData, ...]:
    names = fields if isinstance(fields, Mapping) else field_names(fields, LOCALS)
    datasets = dict.fromkeys(argument.dataset for argument in names)
    return tuple(
        written_data(
            dataset,
            project.data[dataset],
            [(argument.name, name) for argument, name in names.items() if argument.dataset == dataset],
            stem,
            len(datasets) == 1,
        )
        for dataset in datasets
    )


def _methods(
    project: Project, plan: Plan, analysis: Analysis, phases: Sequence[WrittenPhase]
) -> tuple[Body, tuple[tuple[WrittenPhase, str, Body], ...]]:
    """What the whole network does, and what each phase calls: the same where there is one phase."""
    whole = body_of(project, plan, analysis, compared(plan, plan.losses, analysis))
    found: list[tuple[WrittenPhase, str, Body]] = []
    taken = {node.name for node in project.graph.nodes.values()}
    for place, phase in enumerate(phases, 1):
        if phase.losses == plan.losses:
            found.append((phase, "forward", whole))
            continue
        method = f"phase{place}"
        while method in taken:
            method += "_"
        found.append((phase, method, body_of(project, plan, analysis, phase.compared)))
    return whole, tuple(found)


def _losses(made: Trained, analysis: Analysis) -> Iterable[tuple[Line, ...]]:
    """The functions that sum the losses: of all, and of each phase."""
    called = {"loss": (made.plan.losses, made.whole, dict[str, Other]())}
    for place, (phase, _method, body) in enumerate(made.phases):
        called[made.loss(place)] = (phase.losses, body, made.mixed(place))
    if not made.held_out and all(made.loss(place) != "loss" for place in range(len(made.phases))):
        del called["loss"]
    for name, (losses, body, mixed) in called.items():
        yield tuple(loss_lines(made.plan, losses, body, analysis, made.fields, name, mixed=mixed))
    if made.held_out and made.judge != "loss":
        share = share_of(target_names(made.plan, made.plan.losses, made.fields, analysis)[0])
        yield tuple(loss_lines(made.plan, made.plan.losses, made.whole, analysis, made.fields, made.judge, share))
