"""Code that notes the values of names as they are assigned, and of expressions.

A call that notes the value follows each assignment, and the parameters are noted at the beginning
of a function.  Positions stay those of the source, so that a trace has the same locations.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from export_lsp.protocol import Location, Position
from export_lsp.source import Source
from export_lsp.worker.eager.note_writer import NoteWriter, note_call

# The name in `builtins` by which the code calls the note.
NAME = "__export_lsp_note_value__"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class NotedPlace:
    """A name where it is assigned, a parameter, or an expression.

    `name` is "" for an expression.  `statement` is the code that the value depends on at this
    place: the assignment, the parameter, the head of the loop, or the expression itself.  `after`
    is the end of the name's annotation or else of the name, and `function` the qualified name of
    the function around it, of which the place may be a `parameter`.  Each is a key of its own,
    since notes look it up at every value.
    """

    name: str
    location: Location
    statement: Location
    after: Position
    function: str
    parameter: bool = False


class ValueNotes(NoteWriter):
    """Adds the notes to a tree, and appends their places to `places`.

    A note has the index of its place.
    """

    def __init__(self, source: Source, places: list[NotedPlace]) -> None:
        super().__init__()
        self._source = source
        self._places = places
        self._scope: list[str] = []
        self._variables: list[set[str]] = []
        # The expressions whose truth is tested.  A note would move the test to another line.
        self._tested: set[ast.expr] = set()

    # --- scopes -----------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._in_scope(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._in_scope(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        outer, self._depth = self._depth, 0
        self._scope.append(node.name)
        node.body = self._statements(node.body)
        self._scope.pop()
        self._depth = outer
        return node

    def _in_scope(self, node: Function) -> ast.AST:
        self._depth += 1
        self._scope.append(node.name)
        self._variables.append(_variables_of(node))
        parameters = [
            note
            for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            for note in self._of_name(
                each, each.arg, self._place(each), each.annotation, parameter=True
            )
        ]
        body = self._statements(node.body)
        first = 1 if ast.get_docstring(node, clean=False) is not None else 0
        node.body = [*body[:first], *parameters, *body[first:]]
        self._variables.pop()
        self._scope.pop()
        self._depth -= 1
        return node

    # --- assignments ------------------------------------------------------------------------

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._loop(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        return self._loop(node)

    def visit_With(self, node: ast.With) -> ast.AST:
        return self._with(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        return self._with(node)

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        node.body = self._statements(node.body)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        statement = self._source.location_of(node)
        node.value = self.visit(node.value)
        if self._depth:
            place = self._noted_place(node.target, node.target.id, statement, None)
            node.value = note_call(NAME, self._index(place), node.value, node.target)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node  # its parts have no positions of their own up to Python 3.11

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Note a variable of the function where it is used."""
        known = self._variables and node.id in self._variables[-1]
        return self._noted(node) if known else node

    def _visit_fields(self, node: ast.AST) -> None:
        self._tested.update(_tested_in(node))
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                setattr(node, field, self.visit(value))
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, field, self._statements(value))
            elif isinstance(value, list):
                nodes = (self.visit(each) if isinstance(each, ast.AST) else each for each in value)
                setattr(node, field, list(nodes))

    def _loop(self, node: ast.For | ast.AsyncFor) -> ast.AST:
        start = self._source.location_of(node.target).start
        head = Location(self._source.path, start, self._source.location_of(node.iter).end)
        node.iter = self.visit(node.iter)
        node.body = [*self._of_target(node.target, head), *self._statements(node.body)]
        node.orelse = self._statements(node.orelse)
        return node

    def _with(self, node: ast.With | ast.AsyncWith) -> ast.AST:
        notes: list[ast.stmt] = []
        for item in node.items:
            if item.optional_vars is not None:
                start = self._source.location_of(item.context_expr).start
                end = self._source.location_of(item.optional_vars).end
                head = Location(self._source.path, start, end)
                notes.extend(self._of_target(item.optional_vars, head))
        # The context managers themselves are left alone: Dynamo knows them by their calls.
        node.body = [*notes, *self._statements(node.body)]
        return node

    def _statements(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in statements:
            notes = list(self._of_assignment(statement))
            found.append(self.visit(statement))
            found.extend(notes)
        return found

    def _of_assignment(self, statement: ast.stmt) -> Iterator[ast.stmt]:
        if isinstance(statement, ast.Assign):
            location = self._source.location_of(statement)
            for target in statement.targets:
                yield from self._of_target(target, location)
        elif isinstance(statement, ast.AugAssign) or (
            isinstance(statement, ast.AnnAssign) and statement.value is not None
        ):
            location = self._source.location_of(statement)
            annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else None
            yield from self._of_target(statement.target, location, annotation)

    # --- notes ------------------------------------------------------------------------------

    def _noted(self, node: ast.expr) -> ast.AST:
        return node if node in self._tested else super()._noted(node)

    def _noted_name(self, node: ast.expr) -> ast.expr:
        return node

    def notes(self, node: ast.AST) -> bool:
        """Return whether an expression is noted.

        One that tests the truth of its operands is not: as the condition of a statement it makes no
        value, so that a note of its value would test the operands again, and elsewhere.
        """
        if isinstance(node, ast.Compare):
            return len(node.ops) == 1
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not)
        return isinstance(node, (ast.Call, ast.Subscript, ast.BinOp, ast.Attribute))

    def note(self, node: ast.expr) -> ast.expr:
        location = self._source.location_of(node)
        place = NotedPlace("", location, location, location.end, ".".join(self._scope))
        return note_call(NAME, self._index(place), node, node)

    def _of_target(
        self, target: ast.expr, statement: Location, annotation: ast.expr | None = None
    ) -> Iterator[ast.stmt]:
        """Yield a note for each name in the target of an assignment."""
        if isinstance(target, ast.Name):
            yield from self._of_name(target, target.id, statement, annotation)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                yield from self._of_target(each, statement)

    def _of_name(
        self,
        node: ast.Name | ast.arg,
        name: str,
        statement: Location,
        annotation: ast.expr | None,
        *,
        parameter: bool = False,
    ) -> Iterator[ast.stmt]:
        if self._depth:
            place = self._noted_place(node, name, statement, annotation, parameter=parameter)
            value = ast.copy_location(ast.Name(name, ast.Load()), node)
            call = note_call(NAME, self._index(place), value, node)
            yield ast.copy_location(ast.Expr(call), node)

    def _noted_place(
        self,
        node: ast.Name | ast.arg,
        name: str,
        statement: Location,
        annotation: ast.expr | None,
        *,
        parameter: bool = False,
    ) -> NotedPlace:
        start = self._source.position(node.lineno, node.col_offset)
        end = Position(start.line, start.character + len(name))
        after = end if annotation is None else self._source.location_of(annotation).end
        location = Location(self._source.path, start, end)
        function = ".".join(self._scope)
        return NotedPlace(name, location, statement, after, function, parameter)

    def _place(self, parameter: ast.arg) -> Location:
        return self._source.range(
            parameter.lineno,
            parameter.col_offset,
            parameter.end_lineno or parameter.lineno,
            parameter.end_col_offset or parameter.col_offset,
        )

    def _index(self, place: NotedPlace) -> int:
        self._places.append(place)
        return len(self._places) - 1


def _tested_in(node: ast.AST) -> Sequence[ast.expr]:
    """Return the parts of a node whose truth it tests."""
    if isinstance(node, (ast.If, ast.While, ast.Assert, ast.IfExp)):
        return (node.test,)
    if isinstance(node, ast.comprehension):
        return node.ifs
    if isinstance(node, ast.BoolOp):
        return node.values
    return (node.operand,) if isinstance(node, ast.UnaryOp) else ()


def _variables_of(node: Function) -> set[str]:
    """Return the parameters of a function and the names that are assigned in it, but for `self`."""
    arguments = node.args
    parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    stored = (
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    )
    return {*(each.arg for each in parameters), *stored} - {"self", "cls"}
