# SPDX-License-Identifier: BSD-3-Clause
"""Reads the sources and says `file:line: what, instead`, one line for each finding; none: exit status 0.

Usage: tidy.py FOLDER        the top folder of the project

It looks for: an include that points upwards, a file without its SPDX line, a public name without docstring, a print in
the library, a source without its test, a function that no longer fits a screen, names that say nothing.
What it knows of C++ is braces, strings and comments; it prefers to miss something to crying wolf.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

LAYERS = ("schedulers", "storage", "core")
FOLDERS = LAYERS + ("tests", "examples", "tools", "bench", "bindings", "cmake", "config", "docs", ".ci")
MAY_INCLUDE = {"schedulers": {"schedulers"}, "storage": {"storage"}, "core": {"core", "schedulers", "storage"}}
SPDX = "SPDX-License-Identifier: BSD-3-Clause"
WITH_SPDX = {".cpp", ".hpp", ".py", ".sh", ".cmake"}
MOST_FUNCTION_LINES = 70
EMPTY_WORDS = {"manager", "helper", "helpers", "util", "utils", "impl"}
NAMED_BY_OTHERS = {"get_mapping_handle"}  # Boost.Interprocess asks for it by this name
PRINTS = re.compile(
    r"\bstd::(cout|cerr|clog|print|println)\b|(?<![\w.>])(?:std::|::)?(printf|fprintf|puts|fputs|putchar)\s*\("
)
EXITS = re.compile(r"(?<![\w.>])(?:std::|::)?(exit|_exit|abort|quick_exit|terminate)\s*\(")


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to change, as it is printed."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass
class Source:
    """A file: its lines, and the same lines without comments and without what is in strings."""

    file: str
    lines: list[str]
    code: list[str]

    @property
    def layer(self) -> str | None:
        first = self.file.split("/")[0]
        return first if first in LAYERS else None

    @property
    def is_cpp(self) -> bool:
        return self.file.endswith((".cpp", ".hpp"))


def bare(text: str) -> str:
    """C++ text with comments, strings and characters blanked; line ends stay where they are."""
    token = re.compile(
        r'R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|//[^\n]*|/\*.*?\*/",
        re.DOTALL,
    )

    def blank(match: re.Match[str]) -> str:
        found = match.group(0)
        kept = '""' if found.endswith('"') else ""
        return kept + "\n" * found.count("\n")

    return token.sub(blank, text)


def read(file: str, text: str) -> Source:
    """The source of a file's text; `file` is relative to the project."""
    code = bare(text) if file.endswith((".cpp", ".hpp")) else text
    return Source(file, text.splitlines(), code.splitlines())


# Each check yields findings of one source.


def upward_includes(source: Source) -> Iterator[Finding]:
    if source.layer is None:
        return
    for number, line in enumerate(source.lines, 1):
        if match := re.match(r'\s*#\s*include\s*[<"](?:\.\./|cairn/)(schedulers|storage|core|cairn\.hpp)', line):
            if match.group(1) not in MAY_INCLUDE[source.layer]:
                text = f"{source.layer} includes {match.group(1)}, which lies above or beside it; "
                yield Finding(source.file, number, text + "move what both need down, or the code up")


def missing_spdx(source: Source) -> Iterator[Finding]:
    path = Path(source.file)
    scripted = bool(source.lines) and source.lines[0].startswith("#!")
    if path.suffix not in WITH_SPDX and path.name != "CMakeLists.txt" and not scripted:
        return
    if not any(SPDX in line for line in source.lines[: 2 if scripted else 1]):
        mark = "//" if source.is_cpp else "#"
        yield Finding(source.file, 1, f"no licence line; begin with `{mark} {SPDX}`")


def prints(source: Source) -> Iterator[Finding]:
    if source.layer is None:
        return
    for number, line in enumerate(source.code, 1):
        if PRINTS.search(line):
            yield Finding(source.file, number, "a print in the library; throw, or log to the logger \"cairn\"")
        if EXITS.search(line):
            yield Finding(source.file, number, "the library ends the process; throw instead")


def empty_names(source: Source) -> Iterator[Finding]:
    stem = Path(source.file).stem.lower()
    if source.is_cpp and EMPTY_WORDS & set(stem.split("_")):
        yield Finding(source.file, 1, f"the file name {stem} says nothing; name it for what it holds")
    if not source.is_cpp:
        return
    for number, line in enumerate(source.code, 1):
        if line.lstrip().startswith("#"):
            continue
        for match in re.finditer(r"(?<![\w.])[A-Za-z_]\w*", line):
            name = match.group(0)
            of_others = line[: match.start()].endswith(("::", "->"))
            parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
            if parts & EMPTY_WORDS and not of_others:
                yield Finding(source.file, number, f"the name {name} says nothing; say what it does")
            if name.startswith("get_") and not of_others and name not in NAMED_BY_OTHERS:
                yield Finding(source.file, number, f"the name {name}; call it {name[4:] or 'for what it gives'}")


@dataclass
class Block:
    """What stands between two braces."""

    head: str       # the code before the opening brace, from the end of what was before
    first: int      # line of the head
    kind: str       # namespace, type, function
    name: str


def name_of(head: str) -> str:
    match = re.search(r"([~\w:]+(?:\s*operator\s*[^\s(]+)?)\s*\(", head)
    return match.group(1) if match else "this"


def kind_of(head: str, inside: list[Block]) -> str:
    if any(block.kind == "function" for block in inside):
        return "inner"
    if re.search(r"\bnamespace\b", head) or head.strip() == 'extern ""':
        return "namespace"
    ends_as_function = re.search(r"\)\s*(const|noexcept|override|->.*)?\s*$", head)
    if re.search(r"\b(class|struct|union|enum)\b", head) and not ends_as_function:
        return "type"
    return "function"


def long_functions(source: Source) -> Iterator[Finding]:
    if not source.is_cpp:
        return
    open_blocks: list[Block] = []
    head, head_line = "", 1
    for number, line in enumerate(source.code, 1):
        if line.lstrip().startswith("#"):
            continue
        for character in line:
            if character == "{":
                open_blocks.append(Block(head, head_line, kind_of(head, open_blocks), name_of(head)))
                head = ""
            elif character == "}":
                if open_blocks:
                    block = open_blocks.pop()
                    lines = number - block.first + 1
                    if block.kind == "function" and lines > MOST_FUNCTION_LINES:
                        text = f"{block.name} has {lines} lines; a function fits a screen ({MOST_FUNCTION_LINES} lines)"
                        yield Finding(source.file, block.first, text + ": give its parts names")
                head = ""
            elif character == ";":
                head = ""
            else:
                if not head.strip() and not character.isspace():
                    head_line = number
                head += character
        head += "\n"


def is_documented(source: Source, first: int, last: int) -> bool:
    """Is there a ///< on one of the lines, or a /// above them in the same paragraph? A group shares its docstring."""
    if any("///" in line for line in source.lines[first - 1 : last]):
        return True
    above = first - 1
    while above >= 1 and source.lines[above - 1].strip():
        if source.lines[above - 1].lstrip().startswith("///"):
            return True
        above -= 1
    return False


def public_declarations(source: Source) -> Iterator[tuple[int, int, str]]:
    """(first line, line of its `;` or `{`, name) of types and functions at namespace scope."""
    blocks: list[str] = []
    head, head_line = "", 1
    for number, line in enumerate(source.code, 1):
        if line.lstrip().startswith("#"):
            continue
        for character in line:
            if character in "{;" and all(kind == "namespace" for kind in blocks):
                if found := declared_name(head, character):
                    yield head_line, number, found
            if character == "{":
                blocks.append("namespace" if re.search(r"\bnamespace\b", head) else "other")
            if character == "}" and blocks:
                blocks.pop()
            if character in "{};":
                head = ""
            else:
                if not head.strip() and not character.isspace():
                    head_line = number
                head += character
        head += "\n"


def declared_name(head: str, end: str) -> str | None:
    """The name that a head at namespace scope declares, if a reader wants to be told about it."""
    text = re.sub(r"\btemplate\s*<[^>]*>|\[\[[^\]]*\]\]", " ", head).strip()
    others = ("namespace", "using", "static_assert", "extern", "friend", "requires", ":", ",", "=", ")")
    if not text or text.startswith(others):
        return None
    if match := re.match(r"(?:class|struct|union|enum(?:\s+class)?)\s+([\w:]+)", text):
        return match.group(1) if end == "{" and not match.group(1).startswith("std::") else None
    before_call = text.split("(")[0]
    if "(" not in text or "=" in before_call or "operator" in text:
        return None
    match = re.search(r"([\w:~]+)\s*$", before_call)
    return match.group(1) if match and "::" not in match.group(1) else None  # A::f was declared, and told about, before


def undocumented(source: Source) -> Iterator[Finding]:
    if not source.file.endswith(".hpp") or (source.layer is None and source.file not in ("words.hpp", "cairn.hpp")):
        return
    told: set[str] = set()  # an overload is told about by the first
    for first, last, name in public_declarations(source):
        if is_documented(source, first, last):
            told.add(name)
        elif name not in told:
            yield Finding(source.file, first, f"{name} has no docstring; say in /// what it is, costs and throws")


CHECKS = (upward_includes, missing_spdx, prints, empty_names, long_functions, undocumented)


def untested(files: set[str]) -> Iterator[Finding]:
    """Sources without their test: tests/<layer>/<name>_test.cpp, or for a part of a source (config_yaml.cpp is one of
    config.cpp) the test of the whole."""
    for file in sorted(files):
        path = Path(file)
        if path.suffix != ".cpp" or len(path.parts) != 2 or path.parts[0] not in LAYERS:
            continue
        layer, parts = path.parts[0], path.stem.split("_")
        wholes = ["_".join(parts[:count]) for count in range(1, len(parts))]
        names = [path.stem] + [whole for whole in wholes if f"{layer}/{whole}.cpp" in files]
        if not any(f"tests/{layer}/{name}_test.cpp" in files for name in names):
            yield Finding(file, 1, f"no test; write tests/{layer}/{path.stem}_test.cpp")


def examine(source: Source) -> list[Finding]:
    """All findings of one source on its own."""
    return [finding for check in CHECKS for finding in check(source)]


def files_of(project: Path) -> list[str]:
    """What is read, relative to the project: its folders, and the files at its top."""
    found = [path for path in project.iterdir() if path.is_file()]
    for folder in FOLDERS:
        if (project / folder).is_dir():
            inside = (project / folder).rglob("*")
            found += [path for path in inside if path.is_file() and "__pycache__" not in path.parts]
    return sorted(path.relative_to(project).as_posix() for path in found)


def examine_project(project: Path) -> list[Finding]:
    """All findings of a project, sorted."""
    files = files_of(project)
    findings = list(untested(set(files)))
    for file in files:
        try:
            findings += examine(read(file, (project / file).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture
    return sorted(findings)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    findings = examine_project(Path(arguments[0]))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
