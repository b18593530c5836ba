"""Writes sdk.md of this folder from the SDK's headers: generate_sdk.py [--check].

What a header says of itself, then every public declaration with the comment over it. Bodies, private members and the
namespace `detail` are left out. With --check nothing is written; exit code 1 says that the page is out of date.
"""
import pathlib
import re
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
HEADERS = REPOSITORY / "sdk/include/rondom"
PAGE = REPOSITORY / "docs/reference/sdk.md"
HEAD = """<!-- Written by generate_sdk.py from the SDK's headers. Do not edit. -->

# The SDK's headers

`#include <rondom/sdk.hpp>` brings all of it; everything is in the namespace `rondom` and needs the standard library only.
How it fits together: [sdk/README.md](../../sdk/README.md); step by step: [a source in 15 minutes](../guide/source.md).

"""


class Reader:
    """Declarations of one header, in order: (depth, comment, text)."""

    def __init__(self, text):
        self.text, self.at, self.found = text, 0, []

    def skip_braces(self):
        """From behind an opening brace to behind the one that closes it; strings and comments hold none."""
        depth = 1
        pattern = re.compile(r'R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\\n])\'|//[^\n]*|[{}]')
        while depth:
            found = pattern.search(self.text, self.at)
            self.at = found.end()
            depth += {"{": 1, "}": -1}.get(found[0], 0)

    def scope(self, depth, public, listed):
        """Everything up to the brace that closes the scope; `listed` is false within what is not shown."""
        comment, start = [], None
        pattern = re.compile(r'\n|//[^\n]*|#(?:\\\n|[^\n])*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\\n])\'|[(){};]|[^\s(){};"/#]+|/')
        parens = 0
        while self.at < len(self.text):
            found = pattern.search(self.text, self.at)
            if found is None:
                return
            word, self.at = found[0], found.end()
            if word.startswith("//"):
                if start is None and word.startswith("///"):
                    comment.append(word[3:].strip())
                elif start is None and self.found and "\n" not in self.text[self.last:found.start()] and listed and public:
                    self.found[-1][1].append(word[2:].strip())  # behind a member, on its line
                continue
            if word == "\n":
                continue
            if word.startswith("#"):
                macro = re.match(r"#define (RONDOM_\w+(?:\([^)]*\))?)", word)
                if macro and listed and comment:
                    self.found.append((depth, comment, "#define " + macro[1]))
                if start is None:
                    comment = []
                continue
            if start is None and word == "}":
                return
            if start is None and word in ("public:", "private:", "protected:"):
                public, comment = word == "public:", []
                continue
            if start is None:
                start = found.start()
            parens += {"(": 1, ")": -1}.get(word, 0)
            if parens or word not in ("{", ";"):
                continue
            said = re.sub(r"\s+", " ", re.sub(r"//[^\n]*", "", self.text[start:found.start()])).strip()
            self.last = found.end()
            self.declaration(said, word, depth, comment, public and listed)
            comment, start = [], None

    def declaration(self, said, word, depth, comment, shown):
        if word == ";":
            if re.fullmatch(r"(?:template <.*> )?(?:struct|class) \w+", said):
                return  # defined elsewhere
            self.keep(depth, comment, said, shown)
            return
        kind = re.match(r"(?:template <[^{]*?> )?(inline namespace|namespace|class|struct|enum class|enum|extern)\b", said)
        if said.startswith(("namespace", "inline namespace", "extern")):
            self.scope(depth, True, shown and "detail" not in said)
        elif kind and "(" not in re.sub(r"requires\(.*?\)|alignas\(.*?\)", "", said):
            self.keep(depth, comment, said, shown)
            if "enum" in kind[1]:
                begin = self.at
                self.skip_braces()
                values = re.findall(r"^\s*(\w+)[^\n]*?(?://\s*([^\n]*))?$", self.text[begin:self.at - 1], re.M)
                if shown:
                    inside = ", ".join(f"{name}" for name, _ in values) if len(values) > 1 else \
                        re.sub(r"\s+", " ", self.text[begin:self.at - 1]).strip()
                    self.found[-1] = (depth, comment + [f"`{name}`: {what}." for name, what in values if what], f"{said} {{ {inside} }}")
            else:
                self.scope(depth + 1, kind[1] == "struct", shown)
            self.at = self.text.index(";", self.at) + 1
            self.last = self.at
        else:  # a function with its body, or a value with its initial value
            self.keep(depth, comment, re.sub(r" : \w+_?\(.*$", "", said), shown)
            self.skip_braces()
            rest = re.match(r"\s*;", self.text[self.at:])
            self.at += rest.end() if rest else 0
            self.last = self.at

    def keep(self, depth, comment, said, shown):
        said = re.sub(r" override$|^inline |^static_assert.*|^friend .*|^using .*::\w+$", "", said).strip()
        defined_again = depth == 0 and re.search(r"[A-Z]\w+::~?\w+\(", said.split("(")[0] + "(")
        if shown and said and not defined_again and not re.search(r"= delete|operator=|~\w+\(\)", said):
            self.found.append((depth, comment, re.sub(r" =(?: default)?$", "", said)))


def page_of(header):
    text = header.read_text(encoding="utf-8")
    intro = re.match(r"((?://[^\n]*\n)+)", text)[1]
    lines = [line[3:] if line.startswith("// ") else "" for line in intro.splitlines()]
    out, code = [f"## `<rondom/{header.name}>`\n"], False
    for line in lines:  # examples are indented
        indented = line.startswith("  ")
        if indented != code and (line or code):
            out.append("```cpp" if indented else "```")
            code = indented
        out.append(line[2:] if indented else line)
    if code:
        out.append("```")
    reader = Reader(text[len(intro):])
    reader.last = 0
    reader.scope(0, True, True)
    if reader.found:
        out.append("")
    for depth, comment, said in reader.found:
        comment = [line for line in (re.sub(r"NOLINT(\(\S+\))?:? ?", "", line) for line in comment) if line]
        said = said if len(said) < 300 else said[:297] + "..."
        out.append(f"{'  ' * depth}- `{said.replace('`', '')}`" + (": " + " ".join(comment) if comment else ""))
    return "\n".join(out).replace("\n\n```\n", "\n```\n") + "\n"


def main():
    order = re.findall(r'#include "(\w+\.hpp)"', (HEADERS / "sdk.hpp").read_text(encoding="utf-8"))
    text = HEAD + "\n".join(page_of(HEADERS / name) for name in order)
    text += "\n## `<rondom/plugin.h>`\n\nThe C interface below it, for other languages and other layers: " \
            "[sdk/include/rondom/plugin.h](../../sdk/include/rondom/plugin.h).\n"
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"{PAGE} is out of date: run {pathlib.Path(__file__).name}")


main()
