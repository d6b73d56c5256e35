"""``python slice.py schema.graphql > github.graphql``: the part of GitHub's schema that the question touches."""

from __future__ import annotations

import sys
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLScalarType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_specified_scalar_type,
    parse,
    validate,
    visit,
)

from collectors.github.pulse import QUERY

INTERFACES = {"Node": "id", "GitObject": "oid"}


class Touched(Visitor):
    """Collects the fields that a question asks for, with their arguments, and the types that they name."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.fields: dict[str, dict[str, str]] = {}
        self.others: dict[str, GraphQLNamedType] = {}

    def enter_field(self, node, *_):  # type: ignore[no-untyped-def]
        field = self.info.get_field_def()
        given = sorted(argument.name.value for argument in node.arguments or ())
        listed = f"({', '.join(f'{name}: {field.args[name].type}' for name in given)})" if given else ""
        told = self.fields.setdefault(self.info.get_parent_type().name, {})
        told[node.name.value] = f"{listed}: {field.type}"
        for named in (field.type, *(field.args[name].type for name in given)):
            self.note(get_named_type(named))

    def note(self, named: GraphQLNamedType) -> None:
        self.others[named.name] = named
        if isinstance(named, GraphQLInputObjectType):
            for field in named.fields.values():
                self.note(get_named_type(field.type))


def main(path: str) -> None:
    whole = build_schema(Path(path).read_text("utf-8"), assume_valid=True)
    question = parse(QUERY)
    assert validate(whole, question) == []
    info = TypeInfo(whole)
    touched = Touched(info)
    visit(question, TypeInfoVisitor(info, touched))
    print("# A part of GitHub's published schema; README.md says which and how it was cut.")
    for name, fields in touched.fields.items():
        if name in INTERFACES:
            continue
        kind = whole.type_map[name]
        behind = [each.name for each in getattr(kind, "interfaces", ()) if each.name in INTERFACES]
        for each in behind:
            fields.setdefault(INTERFACES[each], f": {kind.fields[INTERFACES[each]].type}")  # type: ignore[attr-defined]
        print(f"\ntype {name}{' implements ' + ' & '.join(behind) if behind else ''} {{")
        print("\n".join(f"  {field}{rest}" for field, rest in sorted(fields.items())), "\n}", sep="")
    for name, field in INTERFACES.items():
        print(f"\ninterface {name} {{\n  {field}: {whole.type_map[name].fields[field].type}\n}}")  # type: ignore[attr-defined]
        touched.note(get_named_type(whole.type_map[name].fields[field].type))  # type: ignore[attr-defined]
    for name, named in sorted(touched.others.items()):
        if isinstance(named, GraphQLEnumType):
            print(f"\nenum {name} {{", *(f"  {value}" for value in named.values), "}", sep="\n")
        elif isinstance(named, GraphQLInputObjectType):
            lines = (f"  {field}: {each.type}" for field, each in named.fields.items())
            print(f"\ninput {name} {{", *lines, "}", sep="\n")
        elif isinstance(named, GraphQLScalarType) and not is_specified_scalar_type(named):
            print(f"\nscalar {name}")


if __name__ == "__main__":
    main(sys.argv[1])
