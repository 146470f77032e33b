#!/usr/bin/env python3
"""Breaks a small tree in each way that a check must notice."""

import pathlib
import tempfile
import unittest

import examples
import layering
import options
import planted
import snippets
import structure


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def put(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


class Layering(Tree):
    def setUp(self):
        super().setUp()
        for name in ["http/request.hpp", "http/detail/handle.hpp", "routing/context.hpp", "actors/reactor.hpp",
                     "runtime/config.hpp", "runtime/sake.hpp", "runtime/testing/stage.hpp", "tests/wire.hpp"]:
            self.put(name, "")

    def breach(self, name, include):
        self.put(name, f"#include {include}\n")
        return layering.problems(self.root)

    def test_what_the_design_allows_is_silent(self):
        for name, include in [
            ("http/a.cpp", "<boost/beast/http/basic_parser.hpp>"),
            ("http/a.cpp", "<rapidjson/reader.h>"),
            ("http/detail/a.hpp", "<boost/beast/http/basic_parser.hpp>"),
            ("http/a.hpp", "<string>"),
            ("http/detail/a.hpp", '"../request.hpp"'),
            ("http/a.cpp", '"request.hpp"'),
            ("routing/a.hpp", '"../http/request.hpp"'),
            ("actors/a.hpp", "<caf/actor.hpp>"),
            ("runtime/a.cpp", "<toml++/toml.h>"),
            ("runtime/a.cpp", "<CLI/App.hpp>"),
            ("runtime/sake.hpp", "<sake/runtime/engine.hpp>"),
            ("runtime/testing/a.hpp", '"../config.hpp"'),
            ("runtime/testing/a.cpp", '"stage.hpp"'),
            ("examples/a.cpp", "<sake/sake.hpp>"),
        ]:
            with self.subTest(name=name, include=include):
                self.assertEqual(self.breach(name, include), [])

    def test_every_breach_is_reported(self):
        for name, include in [
            ("http/a.hpp", '"../routing/context.hpp"'),
            ("http/a.cpp", '"../actors/reactor.hpp"'),
            ("routing/a.cpp", '"../actors/reactor.hpp"'),
            ("routing/detail/a.hpp", '"../../runtime/config.hpp"'),
            ("actors/a.cpp", '"../runtime/config.hpp"'),
            ("runtime/a.cpp", '"sake.hpp"'),
            ("runtime/a.cpp", '"testing/stage.hpp"'),
            ("runtime/testing/a.cpp", '"../sake.hpp"'),
            ("actors/a.cpp", '"../tests/wire.hpp"'),
            ("actors/a.cpp", "<sake/actors/reactor.hpp>"),
            ("actors/a.cpp", "<sake/sake.hpp>"),
            ("http/a.cpp", '"not_there.hpp"'),
            ("runtime/sake.hpp", "<string>"),
            ("runtime/testing/a.cpp", "<toml++/toml.h>"),
            ("http/a.cpp", "<caf/actor.hpp>"),
            ("http/a.cpp", "<boost/asio/ip/tcp.hpp>"),
            ("http/detail/a.hpp", "<boost/asio/buffer.hpp>"),
            ("routing/a.cpp", "<caf/actor.hpp>"),
            ("routing/a.hpp", "<boost/asio/io_context.hpp>"),
            ("actors/a.hpp", "<boost/asio/io_context.hpp>"),
            ("routing/a.cpp", "<rapidjson/writer.h>"),
            ("http/a.hpp", "<rapidjson/document.h>"),
            ("runtime/a.hpp", "<toml++/toml.h>"),
            ("runtime/a.hpp", "<CLI/App.hpp>"),
            ("actors/a.cpp", "<toml++/toml.h>"),
            ("http/a.hpp", "<boost/beast/http/field.hpp>"),
            ("http/a.hpp", "<boost/url/url_view.hpp>"),
            ("http/a.hpp", "<boost/url.hpp>"),
            ("http/a.cpp", "<boost/beast/http.hpp>"),
            ("runtime/a.cpp", "<caf/all.hpp>"),
            ("runtime/a.cpp", "<boost/beast/http.hpp>"),
            ("runtime/a.cpp", "<boost/asio.hpp>"),
            ("examples/a.cpp", "<sake/http/detail/handle.hpp>"),
            ("bench/server/a.cpp", "<sake/http/detail/handle.hpp>"),
        ]:
            with self.subTest(name=name, include=include):
                breaches = self.breach(name, include)
                self.assertEqual(len(breaches), 1, breaches)
                self.assertTrue(breaches[0].startswith(f"{name}:1: "))
                (self.root / name).unlink()

    def test_blanks_in_the_line_do_not_hide_it(self):
        self.assertEqual(len(self.breach("http/a.cpp", " <caf/actor.hpp> // why")), 1)
        self.put("http/a.cpp", "  #  include<caf/actor.hpp>\n")
        self.assertEqual(len(layering.problems(self.root)), 1)


class Structure(Tree):
    def problems(self, **files):
        for name, text in files.items():
            self.put(name.replace("__", "/").replace("_hpp", ".hpp").replace("_cpp", ".cpp"), text)
        return structure.problems(self.root)

    def test_a_tree_is_silent(self):
        self.assertEqual(self.problems(
            actors__a_hpp="class a {\n  class part;\n  void f();\n};\n",
            actors__a_cpp='#include "a.hpp"\n#include "b.hpp"\nclass a::part {\n void g();\n};\nvoid a::f() {\n}\n'
                          "void a::part::g() {\n}\n",
            actors__b_hpp='#include "../http/c.hpp"\n', http__c_hpp="struct c {\n};\n"), [])

    def test_a_circle_of_files_is_reported_once(self):
        self.assertEqual(len(self.problems(
            actors__a_hpp='#include "b.hpp"\n', actors__b_cpp='#include "c.hpp"\n',
            actors__b_hpp="", actors__c_hpp='#include "a.hpp"\n')), 1)

    def test_a_circle_of_folders_is_reported(self):
        self.assertEqual(len(self.problems(
            actors__x__a_hpp='#include "../y/b.hpp"\n', actors__y__b_hpp="",
            actors__y__c_hpp='#include "../x/d.hpp"\n', actors__x__d_hpp="")), 1)

    def test_a_member_function_away_from_home_is_reported(self):
        for text in ["void a::f() {\n", "a::a() {\n", "a::~a() {\n", "template <class T>\nint a::g(T t) {\n",
                     "bool a::operator==(const a& b) {\n"]:
            with self.subTest(text=text):
                self.assertEqual(len(self.problems(actors__a_hpp="class a final : public b {\n};\n",
                                                   actors__c_cpp=text)), 1)


class Examples(Tree):
    def test_99_lines_with_a_script_are_silent(self):
        self.put("examples/hello.cpp", "//\n" * 99)
        self.put("tests/examples/hello.sh", "")
        self.assertEqual(examples.problems(self.root), [])

    def test_100_lines_are_reported(self):
        self.put("examples/hello.cpp", "//\n" * 100)
        self.put("tests/examples/hello.sh", "")
        self.assertEqual(len(examples.problems(self.root)), 1)

    def test_an_example_without_a_script_is_reported(self):
        self.put("examples/hello.cpp", "//\n")
        self.assertEqual(len(examples.problems(self.root)), 1)


class Options(Tree):
    def problems(self, table='row<type::number, &c::a_>("a", "text")', page="| `a` | 1 |",
                 setters="config& with_a(int n)"):
        self.put("runtime/config/options.cpp", f"return {{{table}}};\n")
        self.put("runtime/config/config.hpp", f"  {setters} {{ return *this; }}\n")
        self.put("docs/configuration.md", f"| option | default |\n|---|---|\n{page}\n\nEnd.\n")
        return options.problems(self.root)

    def test_the_same_names_are_silent(self):
        self.assertEqual(self.problems(), [])
        self.assertEqual(self.problems(
            table='row<type::number, &c::a_>(\n  "a", "text"), pool_row<type::word, &p::b>("pools.NAME.b", "")',
            page="| `a` | 1 |\n| `pools.NAME.b` | 1 |"), [])

    def test_every_difference_is_reported(self):
        for given in [
            {"page": ""},
            {"page": "| `a` | 1 |\n| `b` | 1 |"},
            {"page": "| `a` | 1 |\n| `a` | 2 |"},
            {"table": 'row<type::number, &c::a_>("a", ""), row<type::text, &c::b_>("b", "")'},
            {"table": 'row<type::number, &c::a_>("a", ""), pool_row<type::text, &c::b_>("b", "")'},
            {"setters": "config& with_b(int n)"},
        ]:
            with self.subTest(given=given):
                self.assertEqual(len(self.problems(**given)), 1)

    def test_a_setter_that_the_text_tells_of_is_silent(self):
        self.assertEqual(self.problems(page="| `a` | 1 |\n\n`with_b` sets two.",
                                       setters="config& with_b(int n)"), [])


class Planted(Tree):
    def problems(self, find="a < b", replace="a <= b", source="if (a < b)\n", twice=False):
        self.put("http/a.cpp", source)
        entry = f'[[change]]\nname = "n"\nfile = "http/a.cpp"\nfind = "{find}"\nreplace = "{replace}"\n'
        self.put(planted.DATA, entry * (2 if twice else 1))
        return planted.problems(self.root, fewest=1)

    def test_a_change_that_applies_once_is_silent(self):
        self.assertEqual(self.problems(), [])

    def test_every_mistake_is_reported(self):
        for given in [{"find": "gone"}, {"source": "a < b; a < b"}, {"replace": "a < b"}, {"twice": True}]:
            with self.subTest(given=given):
                self.assertEqual(len(self.problems(**given)), 1)

    def test_too_few_changes_are_reported(self):
        self.problems()
        self.assertEqual(len(planted.problems(self.root)), 1)


class Snippets(Tree):
    SOURCE = "int main() {\n  // [body]\n  run();\n    stop();\n  // [/body]\n}\n"
    WHOLE = "int main() {\n  run();\n    stop();\n}"
    BODY = "run();\n  stop();"

    def page(self, mark, block):
        self.put("examples/hello.cpp", self.SOURCE)
        self.put("docs/page.md", f"# Page\n\n<!-- snippet: {mark} -->\n```cpp\n{block}\n```\n\nEnd.\n")
        return snippets.problems(self.root)

    def test_an_equal_block_is_silent(self):
        self.assertEqual(self.page("examples/hello.cpp", self.WHOLE), [])
        self.assertEqual(self.page("examples/hello.cpp#body", self.BODY), [])

    def test_every_drift_is_reported(self):
        for mark, block in [
            ("examples/hello.cpp", self.WHOLE.replace("stop", "halt")),
            ("examples/hello.cpp", self.WHOLE + "\n// more"),
            ("examples/hello.cpp", self.BODY),
            ("examples/hello.cpp#body", self.BODY.replace("run();\n", "")),
            ("examples/hello.cpp#body", self.BODY.replace("  stop", "stop")),
            ("examples/hello.cpp#gone", self.BODY),
            ("examples/gone.cpp", self.WHOLE),
        ]:
            with self.subTest(mark=mark, block=block):
                self.assertEqual(len(self.page(mark, block)), 1)

    def test_a_mark_without_a_block_is_reported(self):
        for rest in ["", "Text.\n", "```cpp\nint main() {\n"]:
            with self.subTest(rest=rest):
                self.put("examples/hello.cpp", self.SOURCE)
                self.put("docs/page.md", f"<!-- snippet: examples/hello.cpp -->\n{rest}")
                self.assertEqual(len(snippets.problems(self.root)), 1)

    def test_the_second_block_of_a_page_is_checked(self):
        good = f"<!-- snippet: examples/hello.cpp#body -->\n```cpp\n{self.BODY}\n```\n"
        self.put("examples/hello.cpp", self.SOURCE)
        self.put("docs/page.md", good + good.replace("stop", "halt"))
        breaches = snippets.problems(self.root)
        self.assertEqual(len(breaches), 1)
        self.assertTrue(breaches[0].startswith("docs/page.md:6: "), breaches)

    def test_write_mends_a_page_and_leaves_the_rest(self):
        self.page("examples/hello.cpp#body", "old();\nolder();\noldest();")
        self.assertEqual(snippets.problems(self.root, write=True), [])
        text = (self.root / "docs/page.md").read_text(encoding="utf-8")
        self.assertEqual(text, "# Page\n\n<!-- snippet: examples/hello.cpp#body -->\n"
                               f"```cpp\n{self.BODY}\n```\n\nEnd.\n")
        self.assertEqual(snippets.problems(self.root), [])


if __name__ == "__main__":
    unittest.main()
