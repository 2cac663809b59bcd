# SPDX-License-Identifier: BSD-3-Clause
"""What tidy.py finds and what it leaves alone, on samples of a few lines."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import tidy

LICENCE = "// " + tidy.SPDX + "\n"


def found(file: str, text: str) -> list[str]:
    """The findings of one source, as they are printed; a licence line is put before the text."""
    return [str(finding) for finding in tidy.examine(tidy.read(file, LICENCE + text))]


def function_of(lines: int, head: str = "void f() {") -> str:
    return head + "\n" + "  step();\n" * (lines - 2) + "}\n"


class UpwardIncludes(unittest.TestCase):
    def test_names_line_and_layers(self):
        self.assertEqual(
            found("storage/a.cpp", "#include <vector>\n#include <cairn/core/state.hpp>\n"),
            ["storage/a.cpp:3: storage includes core, which lies above or beside it; "
             "move what both need down, or the code up"])

    def test_knows_who_may_include_whom(self):
        for layer, allowed in tidy.MAY_INCLUDE.items():
            for other in tidy.LAYERS:
                with self.subTest(layer=layer, other=other):
                    findings = found(f"{layer}/a.cpp", f"#include <cairn/{other}/x.hpp>\n")
                    self.assertEqual(not findings, other in allowed)

    def test_finds_the_whole_and_ways_around_the_view(self):
        self.assertEqual(len(found("core/a.cpp", "#include <cairn/cairn.hpp>\n")), 1)
        self.assertEqual(len(found("schedulers/a.cpp", '#include "../core/state.hpp"\n')), 1)

    def test_lets_tests_and_tools_include_all(self):
        self.assertEqual(found("tests/a.cpp", "#include <cairn/core/state.hpp>\n"), [])
        self.assertEqual(found("storage/a.cpp", "#include <cairn/words.hpp>\n"), [])


class LicenceLine(unittest.TestCase):
    def findings(self, file: str, text: str) -> list[str]:
        return [str(finding) for finding in tidy.missing_spdx(tidy.read(file, text))]

    def test_is_asked_for_in_sources_scripts_and_cmake(self):
        for file in ("core/a.cpp", "core/a.hpp", "cmake/a.cmake", "core/CMakeLists.txt", "tests/a.py"):
            with self.subTest(file=file):
                mark = "//" if file.endswith("pp") else "#"
                self.assertEqual(self.findings(file, "hello\n"),
                                 [f"{file}:1: no licence line; begin with `{mark} {tidy.SPDX}`"])
                self.assertEqual(self.findings(file, f"{mark} {tidy.SPDX}\nhello\n"), [])

    def test_may_follow_the_interpreter_of_a_script(self):
        self.assertEqual(self.findings("dev", f"#!/usr/bin/env bash\n# {tidy.SPDX}\n"), [])
        self.assertEqual(len(self.findings("dev", "#!/usr/bin/env bash\necho\n")), 1)

    def test_comes_first(self):
        self.assertEqual(len(self.findings("core/a.cpp", "\n" + LICENCE)), 1)

    def test_is_not_asked_for_in_texts(self):
        self.assertEqual(self.findings("README.md", "hello\n") + self.findings("config/a.yaml", "a: 1\n"), [])

    def test_is_missing_from_an_empty_source(self):
        self.assertEqual(len(self.findings("core/a.cpp", "")), 1)


class Prints(unittest.TestCase):
    def test_are_found_in_the_library(self):
        for line in ("std::cout << 1;", "std::cerr << 1;", 'printf("x");', 'std::printf("x");', 'fprintf(stderr, "x");',
                     'puts("x");'):
            with self.subTest(line=line):
                self.assertEqual(found("core/a.cpp", line + "\n"),
                                 ['core/a.cpp:2: a print in the library; throw, or log to the logger "cairn"'])

    def test_are_left_to_programs(self):
        self.assertEqual(found("tools/a.cpp", "std::cout << 1;\n"), [])

    def test_are_not_seen_in_comments_strings_and_like_names(self):
        text = '// std::cout\nauto a = "printf(1)";\nsnprintf(a, 1, "x"); /* puts(1)\nputs(2) */\n'
        self.assertEqual(found("core/a.cpp", text), [])

    def test_ending_the_process_is_found_too(self):
        self.assertEqual(found("core/a.cpp", "if (bad) std::abort();\nexit(1);\n"),
                         ["core/a.cpp:2: the library ends the process; throw instead",
                          "core/a.cpp:3: the library ends the process; throw instead"])
        self.assertEqual(found("core/a.cpp", "lane.exit(1);\non_exit(2);\n"), [])


class EmptyNames(unittest.TestCase):
    def test_are_found_in_every_spelling(self):
        for name in ("TierManager", "tier_manager", "IoHelper", "helper_of", "string_utils", "Impl", "impl_", "A_impl"):
            with self.subTest(name=name):
                self.assertEqual(found("tests/a.cpp", f"int {name} = 1;\n"),
                                 [f"tests/a.cpp:2: the name {name} says nothing; say what it does"])

    def test_getters_are_named_for_what_they_give(self):
        self.assertEqual(found("core/a.cpp", "int a = get_size();\n"),
                         ["core/a.cpp:2: the name get_size; call it size"])

    def test_words_of_others_and_longer_words_are_left_alone(self):
        text = ("implementation(simple, utility, helped);\n#include <x/util.hpp>\nstd::get_if<int>(&a); j.get_to(b);\n"
                "p->get_id(); get_mapping_handle();\n// a helper\n")
        self.assertEqual(found("core/a.cpp", text), [])

    def test_are_found_in_file_names(self):
        self.assertEqual(found("core/string_util.cpp", ""),
                         ["core/string_util.cpp:1: the file name string_util says nothing; name it for what it holds"])


class LongFunctions(unittest.TestCase):
    def test_are_found_by_name_and_first_line(self):
        self.assertEqual(found("core/a.cpp", "\n" + function_of(71, "int Lane::work(int a) const {")),
                         ["core/a.cpp:3: Lane::work has 71 lines; a function fits a screen (70 lines): "
                          "give its parts names"])

    def test_may_fill_the_screen(self):
        self.assertEqual(found("core/a.cpp", function_of(70)), [])

    def test_are_found_in_namespaces_classes_and_tests(self):
        for sample in ("namespace a {\nnamespace {\n%s}\n}\n", "class A {\n%s};\n", "struct A : B {\n%s};\n",
                       "enum class A { b };\n%s"):
            with self.subTest(sample=sample):
                self.assertEqual(len(found("tests/a.cpp", sample % function_of(71))), 1)
        self.assertEqual(len(found("tests/a.cpp", function_of(71, "TEST(A, B) {"))), 1)

    def test_are_found_behind_initialisers(self):
        self.assertEqual(len(found("core/a.cpp", function_of(71, "A::A(int a)\n    : a_{a}, b_{1} {"))), 1)

    def test_are_not_long_namespaces_and_types(self):
        text = "namespace a {\nstruct B {\n" + "  int c = 0;\n" * 100 + "};\n" + function_of(5) * 30 + "}\n"
        self.assertEqual(found("core/a.cpp", text), [])

    def test_braces_in_strings_and_comments_do_not_count(self):
        self.assertEqual(found("core/a.cpp", 'void f() {\n  a("{{{");  // {{\n  b(\'{\');\n}\n' + function_of(69)), [])
        self.assertEqual(found("core/a.cpp", 'auto a = R"x({{ " {)x";\n' + function_of(69)), [])
        self.assertEqual(len(found("core/a.cpp", "int a = 1'000'000;\n" + function_of(71))), 1)


class Docstrings(unittest.TestCase):
    def test_are_asked_for_of_types_and_functions(self):
        for text, name in (("class A {\n};\n", "A"), ("struct A {\n};\n", "A"), ("enum class A { b };\n", "A"),
                           ("int f(int a);\n", "f"), ("template <class T>\nT f(T a) {\n}\n", "f"),
                           ("constexpr int f() { return 1; }\n", "f"),
                           ("std::vector<int>\n    long_name(int a,\n              int b);\n", "long_name")):
            with self.subTest(text=text):
                self.assertEqual(found("core/a.hpp", "namespace cairn {\n\n" + text + "\n}\n"),
                                 [f"core/a.hpp:4: {name} has no docstring; say in /// what it is, costs and throws"])

    def test_stand_above_or_behind(self):
        text = ("/// What it is.\nclass A {\n};\n\n/// Adds.\ntemplate <class T>\nT f(T a);\n\n"
                "int g();  ///< One.\n\nint h(int a,\n      int b);  ///< Two.\n")
        self.assertEqual(found("core/a.hpp", text), [])

    def test_are_shared_by_a_group_and_by_overloads(self):
        self.assertEqual(found("core/a.hpp", "/// Sizes.\nint f();\nint g();\n\nint f(int a);\n"), [])
        self.assertEqual(len(found("core/a.hpp", "/// Sizes.\nint f();\n\nint g();\n")), 1)

    def test_are_not_asked_for_of_members_variables_and_declarations_ahead(self):
        text = ("class B;\nvoid B::f() {}\n\ninline constexpr int a = f(1);\nusing C = int;\nstatic_assert(f(2));\n\n"
                "/// Has members.\nclass A {\n  int f();\n  struct Inner {\n    int g();\n  };\n};\n")
        self.assertEqual(found("core/a.hpp", text), [])

    def test_are_asked_for_in_headers_of_the_library_only(self):
        for file in ("core/a.cpp", "tests/a.hpp", "bench/a.hpp"):
            self.assertEqual(found(file, "int f();\n"), [], file)
        self.assertEqual(len(found("words.hpp", "int f();\n")), 1)

    def test_an_ordinary_comment_is_none(self):
        self.assertEqual(len(found("core/a.hpp", "// Adds.\nint f();\n")), 1)


class Untested(unittest.TestCase):
    def findings(self, *files: str) -> list[str]:
        return [str(finding) for finding in tidy.untested(set(files))]

    def test_sources_are_named_with_the_test_to_write(self):
        self.assertEqual(self.findings("storage/lane.cpp"),
                         ["storage/lane.cpp:1: no test; write tests/storage/lane_test.cpp"])
        self.assertEqual(self.findings("storage/lane.cpp", "tests/storage/lane_test.cpp"), [])

    def test_a_test_of_another_layer_does_not_count(self):
        self.assertEqual(len(self.findings("storage/lane.cpp", "tests/core/lane_test.cpp")), 1)

    def test_a_part_is_tested_with_its_whole(self):
        self.assertEqual(self.findings("core/config.cpp", "core/config_yaml.cpp", "tests/core/config_test.cpp"), [])
        self.assertEqual(len(self.findings("core/config_yaml.cpp", "tests/core/config_test.cpp")), 1)

    def test_headers_and_programs_need_none(self):
        self.assertEqual(self.findings("storage/lane.hpp", "tools/cairn.cpp", "tests/storage/lane_test.cpp"), [])


class Project(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = Path(folder.name)

    def write(self, file: str, text: str) -> None:
        path = self.project / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run_tidy(self) -> tuple[int, str]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = tidy.main([str(self.project)])
        return status, output.getvalue()

    def test_without_findings_is_silent(self):
        self.write("storage/lane.cpp", LICENCE)
        self.write("tests/storage/lane_test.cpp", LICENCE)
        self.write("README.md", "hello\n")
        self.assertEqual(self.run_tidy(), (0, ""))

    def test_with_findings_prints_them_sorted_and_fails(self):
        self.write("storage/lane.cpp", LICENCE + "std::cout << 1;\n")
        self.write("core/CMakeLists.txt", "hello\n")
        status, output = self.run_tidy()
        self.assertEqual(status, 1)
        self.assertEqual([line.split(": ")[0] for line in output.splitlines()],
                         ["core/CMakeLists.txt:1", "storage/lane.cpp:1", "storage/lane.cpp:2"])

    def test_builds_are_not_read(self):
        self.write("build/storage/lane.cpp", "std::cout << 1;\n")
        self.assertEqual(self.run_tidy(), (0, ""))

    def test_pictures_are_passed_over(self):
        (self.project / "docs").mkdir()
        (self.project / "docs" / "a.png").write_bytes(b"\x89PNG\xff\xfe")
        self.assertEqual(self.run_tidy(), (0, ""))

    def test_a_wrong_call_says_how(self):
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            self.assertEqual(tidy.main([]), 2)
        self.assertIn("Usage: tidy.py FOLDER", errors.getvalue())


if __name__ == "__main__":
    unittest.main()
