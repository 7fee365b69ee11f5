"""Whether the gradebook is as this kit's nbgrader and the source notebook have it, and how it becomes so."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import nbgrader
from alembic.config import Config
from alembic.script import ScriptDirectory
from nbgrader import api
from sqlalchemy import Connection, inspect, select, text

from autograder.course.assignment import Assignment, locked, solution, task
from autograder.errors import UsageError

OLD = (
    "The gradebook was made by another version of nbgrader ({found}, this one needs {wanted}). Make a copy of it, "
    "then run in the course folder: nbgrader db upgrade"
)


@cache
def schema_version() -> str:
    """What a new gradebook is marked with, so that `nbgrader db upgrade` knows what to do with it one day."""
    config = Config()
    config.set_main_option("script_location", str(Path(nbgrader.__file__).parent / "alembic"))
    return str(ScriptDirectory.from_config(config).get_current_head())


def require_schema(connection: Connection) -> None:
    """Raises `UsageError` for a gradebook that another nbgrader has made; an empty database is none yet."""
    tables = set(inspect(connection).get_table_names())
    if "assignment" not in tables:
        return
    found = connection.scalar(text("select version_num from alembic_version")) if "alembic_version" in tables else None
    if found != schema_version():
        raise UsageError(OLD.format(found=found or "it has no version", wanted=schema_version()))


def expected_cells(assignment: Assignment) -> dict[Any, dict[str, Any]]:
    """The cells that the gradebook should know, as nbgrader's `SaveCells` enters them: by kind and name."""
    found: dict[Any, dict[str, Any]] = {api.GradeCell: {}, api.SolutionCell: {}, api.TaskCell: {}, api.SourceCell: {}}
    for name, cell in assignment.cells.items():
        named = cell.metadata.nbgrader
        scored = {"max_score": float(named.get("points") or 0), "cell_type": cell.cell_type}
        if named.get("grade"):
            found[api.GradeCell][name] = scored
        if solution(cell):
            found[api.SolutionCell][name] = {}
        if task(cell):
            found[api.TaskCell][name] = scored
        if named.get("grade") or solution(cell) or locked(cell):
            found[api.SourceCell][name] = {
                "cell_type": cell.cell_type,
                "locked": locked(cell),
                "source": cell.source,
                "checksum": named.get("checksum"),
            }
    return found


def migrate(database: Any, assignment: Assignment) -> None:
    """Gives a notebook that has submissions the cells that the source notebook has now; nbgrader refuses to.

    Automatic grades of cells that are gone go with them. Raises `UsageError` where people have entered something for
    one of these.
    """
    session, name = database.db, assignment.name
    notebook = database.find_notebook(name, name)
    expected = expected_cells(assignment)
    standing = {
        api.GradeCell: notebook.grade_cells,
        api.SolutionCell: notebook.solution_cells,
        api.TaskCell: notebook.task_cells,
        api.SourceCell: notebook.source_cells,
    }
    gone = [cell for kind, cells in standing.items() for cell in cells if cell.name not in expected[kind]]
    ids = {cell.id: cell.name for cell in gone}
    marked = {
        ids[cell]
        for table, columns in (
            (api.Grade, (api.Grade.manual_score, api.Grade.extra_credit)),
            (api.Comment, (api.Comment.manual_comment,)),
        )
        for cell in session.scalars(
            select(table.cell_id)
            .where(table.cell_id.in_(ids))
            .where(columns[0].is_not(None) if len(columns) == 1 else columns[0].is_not(None) | columns[1].is_not(None))
        )
    }
    if marked:
        raise UsageError(
            f"The cell {sorted(marked)[0]} is not in the source notebook any more, and people have entered marks or "
            "comments for it in the gradebook. Put the cell back. Or give the assignment a new name. Or throw all its "
            f"grades away, entered ones too: nbgrader db assignment remove {name} --force"
        )
    for table in (api.Grade, api.Comment):
        for row in session.scalars(select(table).where(table.cell_id.in_(ids))):
            session.delete(row)
    session.flush()
    for cell in gone:
        session.delete(cell)
    session.flush()
    for kind, cells in expected.items():
        known = {cell.name: cell for cell in standing[kind]}
        for cell_name, values in cells.items():
            if cell_name in known:
                for key, value in values.items():
                    setattr(known[cell_name], key, value)
            else:
                session.add(kind(name=cell_name, notebook=notebook, **values))
    session.commit()
    session.expire_all()


def known_cells(notebook: Any) -> dict[Any, dict[str, Any]]:
    """What the gradebook has of a notebook, to compare with `expected_cells`: names, and points where there are any."""
    return {
        api.GradeCell: {cell.name: cell.max_score for cell in notebook.grade_cells},
        api.SolutionCell: {cell.name: None for cell in notebook.solution_cells},
        api.TaskCell: {cell.name: cell.max_score for cell in notebook.task_cells},
        api.SourceCell: {cell.name: None for cell in notebook.source_cells},
    }


def as_known(expected: dict[Any, dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """The same of `expected_cells`."""
    return {kind: {name: values.get("max_score") for name, values in cells.items()} for kind, cells in expected.items()}
