#!/usr/bin/env python3
"""The rules of the house, checked: who may include whom, what the repository must hold.

Include rule (core/README.md):
  base <- model <- expression <- {config, net, store} <- plugin <- pipeline <- engine <- service <- cli
  plugin <- conformance <- cli: the kit stands beside the pipeline, which knows nothing of it
Steps of the pipeline do not include one another; plugins include sdk/ only; sdk/ nothing of ours.
"""
import pathlib
import re
import sys

LAYERS = {
    "base": set(),
    "model": {"base"},
    "expression": {"base", "model"},
    "config": {"base", "model", "expression"},
    "net": {"base", "model", "expression"},
    "store": {"base", "model", "expression"},
    "plugin": {"base", "model", "expression", "config", "net", "store"},
    "pipeline": {"base", "model", "expression", "config", "net", "store", "plugin"},
}
LAYERS["engine"] = LAYERS["pipeline"] | {"pipeline"}
LAYERS["service"] = LAYERS["engine"] | {"engine"}
LAYERS["conformance"] = LAYERS["plugin"] | {"plugin"}
LAYERS["cli"] = LAYERS["engine"] | {"engine", "service", "conformance"}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
SOURCES = {".h", ".hpp", ".cpp", ".c"}


def core_edge_problem(file, target):
    """Why core file `file` (parts below core/) may not include `target`, or None."""
    parts = target.split("/")
    own, theirs = file[0], parts[0]
    if theirs not in LAYERS:
        return None
    if theirs == own:
        if own == "pipeline" and len(parts) > 2 and parts[1] != file[1]:
            return f"step {file[1]} includes step {parts[1]}"
        return None
    if theirs not in LAYERS[own]:
        return f"{own} includes {theirs}"
    return None


# C++20's own headers, and those of C that plugin.h uses.
STANDARD = set("""algorithm any array atomic barrier bit bitset charconv chrono compare complex concepts condition_variable
    coroutine deque exception execution filesystem format forward_list fstream functional future initializer_list iomanip ios
    iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new numbers numeric optional
    ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span sstream stack
    stdexcept stop_token streambuf string string_view strstream syncstream system_error thread tuple type_traits typeindex
    typeinfo unordered_map unordered_set utility valarray variant vector version cassert cctype cerrno cfenv cfloat cinttypes
    climits clocale cmath csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype
    stddef.h stdint.h""".split())


def sdk_include_problem(quote, target, is_ours):
    """Why a header of the SDK may not include `target`, or None."""
    if quote == '"':
        return None if is_ours else f'includes "{target}", which is no header of the SDK'
    return None if target in STANDARD else f"includes <{target}>, which is no header of the standard library"


def includes(path):
    return INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace"))


def check_core(root):
    for path in sorted((root / "core").rglob("*")):
        if path.suffix not in SOURCES:
            continue
        file = path.relative_to(root / "core").parts
        for quote, target in includes(path):
            if target.startswith("rondom/"):
                if file[0] not in ("plugin", "conformance") or target != "rondom/plugin.h":
                    yield f"{path}: only core/plugin and core/conformance see the SDK, and of it rondom/plugin.h only"
                continue
            problem = core_edge_problem(file, target)
            if problem:
                yield f"{path}: {problem} ({target})"
            public = len(file) >= 2 and path.stem == path.parent.name and path.suffix == ".h"
            if public and re.match(r"boost/|simdjson|unicode/|sqlite3|libpq|yaml-cpp|spdlog|nlohmann|CLI/", target):
                yield f"{path}: a public header includes {target}"


def check_plugins(root):
    for folder, allowed in (("plugins", ("rondom/",)), ("sdk/include", ("rondom/",))):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SOURCES or "tests" in path.parts or path.name == "fuzz.cpp":
                continue
            for quote, target in includes(path):
                if target.split("/")[0] in LAYERS:
                    yield f"{path}: includes {target} of core"


def check_sdk_headers(root):
    """A plugin must compile with a compiler and the SDK alone: no header of anybody else."""
    for path in sorted((root / "sdk/include").rglob("*")):
        if path.suffix not in SOURCES:
            continue
        for quote, target in includes(path):
            problem = sdk_include_problem(quote, target, (path.parent / target).exists())
            if problem:
                yield f"{path}: {problem}"


def check_house(root):
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "CMakePresets.json",
                 ".clang-format", ".clang-tidy", ".ci/run", "packaging/install-dependencies.sh"):
        if not (root / name).exists():
            yield f"{name} is missing"
    for folder in ("core", "plugins", "sdk", "configs", "tests", "packaging", "docs"):
        if not (root / folder / "README.md").exists():
            yield f"{folder}/README.md is missing: what lives there, what may use what"
    for path in sorted((root / "core").rglob("*.cpp")) + sorted((root / "core").rglob("*.h")):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > 900:
            yield f"{path}: {lines} lines; one file, one purpose"
        if re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text(encoding="utf-8")):
            yield f"{path}: unfinished work is said in an issue, not in the code"
    for path in sorted((root / "tests").rglob("*.cpp")):
        if re.search(r"sleep_for|usleep\(|\bsleep\(", path.read_text(encoding="utf-8")):
            yield f"{path}: a test sleeps; wait for a condition or use a fake clock"


def self_test():
    assert core_edge_problem(("base", "text.cpp"), "model/value.h")
    assert core_edge_problem(("store", "store.h"), "config/config.h")
    assert core_edge_problem(("pipeline", "map", "map.cpp"), "pipeline/normalize/normalize.h")
    assert core_edge_problem(("engine", "engine.cpp"), "cli/cli.h")
    assert core_edge_problem(("engine", "engine.cpp"), "service/service.h")
    assert core_edge_problem(("service", "supervisor.cpp"), "cli/cli.h")
    assert core_edge_problem(("conformance", "kit.cpp"), "engine/engine.h")
    assert core_edge_problem(("pipeline", "map", "map.cpp"), "conformance/conformance.h")
    assert not core_edge_problem(("cli", "verbs.cpp"), "conformance/conformance.h")
    assert not core_edge_problem(("cli", "verbs.cpp"), "service/service.h")
    assert not core_edge_problem(("engine", "engine.cpp"), "pipeline/map/map.h")
    assert not core_edge_problem(("pipeline", "map", "map.cpp"), "pipeline/map/plan.h")
    assert not core_edge_problem(("model", "json.cpp"), "simdjson.h")
    assert sdk_include_problem("<", "nlohmann/json.hpp", False)
    assert sdk_include_problem("<", "unistd.h", False)
    assert sdk_include_problem('"', "fmt/core.h", False)
    assert not sdk_include_problem("<", "string_view", False)
    assert not sdk_include_problem('"', "result.hpp", True)
    print("the include rule tells right from wrong")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = pathlib.Path(sys.argv[1])
    problems = [*check_core(root), *check_plugins(root), *check_sdk_headers(root), *check_house(root)]
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
