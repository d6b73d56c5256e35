"""Reported paths lead back to the repository's tree, or are kept and marked."""

from __future__ import annotations

import time

import pytest

from collectors.paths import PathResolver

TREE = [
    "main.go",
    "setup.py",
    "src/shop/cart.py",
    "src/shop/__init__.py",
    "src/stock/__init__.py",
    "src/single.py",
    "lib/a.ts",
    "pkg/lib/b.ts",
    "internal/cart/cart.go",
    "tools/gen/cmd/gen.go",
    "web/src/App.vue",
    "web/src/Übersicht.js",
    "core/src/main/java/com/acme/shop/Cart.java",
    "core/src/test/java/com/acme/shop/Cart.java",
    "core/src/main/kotlin/shop/Basket.kt",
    "api/Controllers/CartController.cs",
]
CERTAIN = [
    # as it stands, and relative to a package
    ("src/shop/cart.py", "src/shop/cart.py"),
    ("./src/shop/cart.py", "src/shop/cart.py"),
    (r"src\shop\cart.py", "src/shop/cart.py"),
    ("shop/cart.py", "src/shop/cart.py"),
    ("lib/b.ts", "pkg/lib/b.ts"),
    ("../src/shop/cart.py", "src/shop/cart.py"),
    # where CI checks out
    ("/home/runner/work/shop/shop/src/shop/cart.py", "src/shop/cart.py"),
    ("/Users/runner/work/shop/shop/src/shop/cart.py", "src/shop/cart.py"),
    (r"D:\a\shop\shop\src\shop\cart.py", "src/shop/cart.py"),
    ("D:/a/shop/shop/setup.py", "setup.py"),
    ("/__w/shop/shop/setup.py", "setup.py"),
    ("/github/workspace/setup.py", "setup.py"),
    ("/builds/acme/shop/setup.py", "setup.py"),
    ("/home/vsts/work/1/s/setup.py", "setup.py"),
    ("/drone/src/setup.py", "setup.py"),
    ("/go/src/github.com/acme/shop/main.go", "main.go"),
    ("/_/api/Controllers/CartController.cs", "api/Controllers/CartController.cs"),
    ("/app/src/shop/cart.py", "src/shop/cart.py"),
    ("/home/runner/work/shop/shop/checkout/src/shop/cart.py", "src/shop/cart.py"),
    ("/proc/self/cwd/internal/cart/cart.go", "internal/cart/cart.go"),
    # a root folder of another name
    ("shop-main/src/shop/cart.py", "src/shop/cart.py"),
    # the installed package
    ("/opt/hostedtoolcache/Python/3.12.1/x64/lib/python3.12/site-packages/shop/cart.py", "src/shop/cart.py"),
    ("/home/runner/work/s/s/.tox/py312/lib/python3.12/site-packages/shop/cart.py", "src/shop/cart.py"),
    (".nox/tests-3-12/lib/python3.12/site-packages/shop/__init__.py", "src/shop/__init__.py"),
    (r"D:\a\s\s\.tox\py312\Lib\site-packages\shop\cart.py", "src/shop/cart.py"),
    ("/venv/lib/python3.9/site-packages/shop-1.0-py3.9.egg/shop/cart.py", "src/shop/cart.py"),
    ("/venv/lib/python3.9/site-packages/single.py", "src/single.py"),
    ("build/lib/shop/cart.py", "src/shop/cart.py"),
    ("/__w/s/s/build/lib.linux-x86_64-cpython-312/shop/cart.py", "src/shop/cart.py"),
    # other languages' own names
    ("github.com/acme/shop/internal/cart/cart.go", "internal/cart/cart.go"),
    ("example.org/shop/v2/internal/cart/cart.go", "internal/cart/cart.go"),
    ("example.org/gen/cmd/gen.go", "tools/gen/cmd/gen.go"),
    ("com/acme/shop/Cart.java", "core/src/main/java/com/acme/shop/Cart.java"),
    ("com/acme/shop/Basket.kt", "core/src/main/kotlin/shop/Basket.kt"),
    ("webpack:///./web/src/App.vue?3f2a", "web/src/App.vue"),
    ("webpack:///web/src/App.vue", "web/src/App.vue"),
    ("webpack://shop/./src/App.vue", "web/src/App.vue"),
    ("file:///home/runner/work/shop/shop/web/src/App.vue", "web/src/App.vue"),
    ("file:///D:/a/shop/shop/web/src/App.vue", "web/src/App.vue"),
    ("webpack:///./web/src/%C3%9Cbersicht.js", "web/src/Übersicht.js"),
    # other spellings
    (r"d:\a\Shop\shop\SRC\Shop\Cart.py", "src/shop/cart.py"),
    ("web/src/U\u0308bersicht.js", "web/src/Übersicht.js"),
]


@pytest.mark.parametrize(("reported", "path"), CERTAIN)
def test_a_path_is_found_in_the_tree(reported: str, path: str) -> None:
    assert PathResolver(TREE).resolve(reported) == (path, True)


@pytest.mark.parametrize(
    ("reported", "roots", "path"),
    [
        ("cart.py", ("/home/runner/work/shop/shop/src/shop",), "src/shop/cart.py"),
        ("shop/cart.py", ("/somewhere/else/src",), "src/shop/cart.py"),
        ("__init__.py", ("/home/runner/work/s/s/src/shop",), "src/shop/__init__.py"),
        ("__init__.py", ("/nowhere", "src/shop"), "src/shop/__init__.py"),
        ("setup.py", ("/build/elsewhere",), "setup.py"),
        ("cart.py", ("/t/lib/python3.12/site-packages/shop",), "src/shop/cart.py"),
        ("/home/runner/work/s/s/src/shop/cart.py", ("/nowhere",), "src/shop/cart.py"),
    ],
)
def test_a_path_is_found_below_the_source_roots(reported: str, roots: tuple[str, ...], path: str) -> None:
    assert PathResolver(TREE).resolve(reported, roots) == (path, True)


@pytest.mark.parametrize(
    ("reported", "kept"),
    [
        ("__init__.py", "__init__.py"),
        ("/home/runner/work/s/s/build/gen.py", "build/gen.py"),
        ("/usr/lib/python3/x.py", "/usr/lib/python3/x.py"),
        ("/usr/lib/python3/setup.py", "/usr/lib/python3/setup.py"),
        ("/venv/lib/python3.12/site-packages/attr/setup.py", "/venv/lib/python3.12/site-packages/attr/setup.py"),
        ("/root/.cargo/registry/src/index/serde-1/lib/a.ts", "/root/.cargo/registry/src/index/serde-1/lib/a.ts"),
        ("node_modules/left/lib/a.ts", "node_modules/left/lib/a.ts"),
        ("webpack:///webpack/bootstrap", "webpack/bootstrap"),
        ("", ""),
    ],
)
def test_what_is_unknown_or_ambiguous_is_kept_and_loses_only_the_checkout(reported: str, kept: str) -> None:
    assert PathResolver(TREE).resolve(reported) == (kept, False)


def test_one_name_under_two_roots_is_ambiguous() -> None:
    roots = ("/home/runner/work/s/s/src/shop", "/home/runner/work/s/s/src/stock")
    assert PathResolver(TREE).resolve("__init__.py", roots) == ("__init__.py", False)


def test_two_files_that_differ_in_case_only_are_told_apart_or_not_at_all() -> None:
    resolver = PathResolver(["src/Cart.py", "src/cart.py"])
    assert resolver.resolve("src/Cart.py") == ("src/Cart.py", True)
    assert resolver.resolve("SRC/CART.py") == ("SRC/CART.py", False)


def test_a_doubtful_path_is_looked_for_where_the_rest_of_its_report_stands() -> None:
    tree = ["packages/core/src/index.ts", "packages/core/src/core.ts", "packages/schema/src/index.ts"]
    resolver = PathResolver(tree)
    assert resolver.resolve("src/index.ts") == ("src/index.ts", False)
    assert resolver.resolve_all([("src/index.ts", ()), ("src/core.ts", ())]) == [
        ("packages/core/src/index.ts", True),
        ("packages/core/src/core.ts", True),
    ]


def test_a_lone_name_at_the_end_of_a_foreign_path_is_believed_only_beside_its_own_report() -> None:
    found = PathResolver(TREE).resolve_all(
        [("/app/src/shop/cart.py", ()), ("/app/setup.py", ()), ("/tmp/build/setup.py", ())]
    )
    assert found == [("src/shop/cart.py", True), ("setup.py", True), ("/tmp/build/setup.py", False)]
    go = [("github.com/acme/shop/internal/cart/cart.go", ()), ("github.com/acme/shop/main.go", ())]
    assert PathResolver(TREE).resolve_all([*go, ("github.com/other/main.go", ())]) == [
        ("internal/cart/cart.go", True),
        ("main.go", True),
        ("github.com/other/main.go", False),
    ]


def test_a_generated_copy_is_not_taken_for_its_original_when_the_report_names_originals() -> None:
    found = PathResolver(TREE).resolve_all([("src/shop/cart.py", ()), ("generated/lib/a.ts", ())])
    assert found == [("src/shop/cart.py", True), ("generated/lib/a.ts", False)]


def test_ten_thousand_paths_of_a_large_tree_are_resolved_in_a_moment() -> None:
    tree = [f"src/part{n % 100}/module{n}/index.ts" for n in range(20_000)]
    reported = [(f"/home/runner/work/x/x/{path}", ()) for path in tree[::2]]
    began = time.process_time()
    assert all(certain for _, certain in PathResolver(tree).resolve_all(reported))
    unknown = PathResolver(tree).resolve_all([(f"/opt/{n}/a/b/c/d/none{n}.ts", ()) for n in range(10_000)])
    assert not any(certain for _, certain in unknown)
    doubtful = PathResolver(tree).resolve_all([(f"part{n % 100}/index.ts", ()) for n in range(10_000)])
    assert not any(certain for _, certain in doubtful)
    assert time.process_time() - began < 5
