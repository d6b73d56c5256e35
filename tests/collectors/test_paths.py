"""Reported paths lead back to the repository's tree, or are kept and marked."""

from __future__ import annotations

import pytest

from collectors.paths import PathResolver

TREE = ["src/shop/cart.py", "src/shop/__init__.py", "src/stock/__init__.py", "lib/a.ts", "pkg/lib/b.ts"]


@pytest.mark.parametrize(
    ("reported", "roots", "path"),
    [
        ("src/shop/cart.py", (), "src/shop/cart.py"),
        ("./src/shop/cart.py", (), "src/shop/cart.py"),
        ("cart.py", ("/home/runner/work/shop/shop/src/shop",), "src/shop/cart.py"),
        ("shop/cart.py", ("/somewhere/else/src",), "src/shop/cart.py"),
        ("/home/runner/work/shop/shop/src/shop/cart.py", (), "src/shop/cart.py"),
        ("/app/src/shop/cart.py", (), "src/shop/cart.py"),
        (r"D:\a\shop\shop\src\shop\cart.py", (), "src/shop/cart.py"),
        (r"src\shop\cart.py", (), "src/shop/cart.py"),
        ("shop/cart.py", (), "src/shop/cart.py"),
        ("lib/b.ts", (), "pkg/lib/b.ts"),
        ("__init__.py", ("/home/runner/work/s/s/src/shop",), "src/shop/__init__.py"),
    ],
)
def test_a_path_is_found_in_the_tree(reported: str, roots: tuple[str, ...], path: str) -> None:
    assert PathResolver(TREE).resolve(reported, roots) == (path, True)


def test_an_ambiguous_path_is_kept_as_reported() -> None:
    assert PathResolver(TREE).resolve("__init__.py") == ("__init__.py", False)
    roots = ("/home/runner/work/s/s/src/shop", "/home/runner/work/s/s/src/stock")
    assert PathResolver(TREE).resolve("__init__.py", roots) == ("__init__.py", False)


def test_a_doubtful_path_is_looked_for_where_the_rest_of_its_report_stands() -> None:
    tree = ["packages/core/src/index.ts", "packages/core/src/core.ts", "packages/schema/src/index.ts"]
    resolver = PathResolver(tree)
    assert resolver.resolve("src/index.ts") == ("src/index.ts", False)
    assert resolver.resolve_all([("src/index.ts", ()), ("src/core.ts", ())]) == [
        ("packages/core/src/index.ts", True),
        ("packages/core/src/core.ts", True),
    ]


def test_an_unknown_path_is_kept_and_loses_only_the_checkout_prefix() -> None:
    assert PathResolver(TREE).resolve("/home/runner/work/s/s/build/gen.py") == ("build/gen.py", False)
    assert PathResolver(TREE).resolve("/usr/lib/python3/x.py") == ("/usr/lib/python3/x.py", False)
