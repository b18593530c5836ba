#!/usr/bin/env python3
"""Makes the files of the package that follow from the program: files.py BUILD FOLDER.

rondom(1) from `rondom help` of every verb, rondom.yaml(5) from docs/reference/project-files.md, completions from
`rondom completion`, changelogs. The same bytes each time; times come from SOURCE_DATE_EPOCH.
"""
import email.utils
import gzip
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
VERB = re.compile(r"^  ([a-z]\S*) {2,}(\S.*)$")


class Help:
    """One `rondom help PATH`, taken apart."""

    def __init__(self, program, path):
        text = subprocess.run([program, "help", *path], check=True, capture_output=True, text=True, encoding="utf-8").stdout
        parts = re.split(r"^(Usage|Positionals|Options|Verbs):", text, flags=re.M)
        self.path = path
        self.description = " ".join(parts[0].split())
        self.parts = {name: body for name, body in zip(parts[1::2], parts[2::2])}
        self.usage = " ".join(self.parts["Usage"].split("\n\n")[0].split())
        self.footer = re.split(r"\n\n", text.strip())[-1] if not path else ""

    def items(self, part):
        """(name, description) of each line; what is too long for its column goes on in the next line."""
        found = []
        for line in re.split(r"\n\n", self.parts.get(part, ""))[0].splitlines():
            if re.match(r"^  \S", line):
                name, _, description = line.strip().partition("  ")
                found.append([name, description.strip()])
            elif line.strip() and found:
                found[-1][1] = (found[-1][1] + " " + line.strip()).strip()
        return found


def everything(program, path=()):
    """The program's help, then that of each verb, in the program's order."""
    one = Help(program, list(path))
    yield one
    for name, _ in one.items("Verbs"):
        yield from everything(program, [*path, name])


def troff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    # Groff has these by name; more would be an error of its own to find.
    for sign, name in (("…", "\\&..."), ("·", "\\(pc"), ("→", "\\(->"), ("≥", "\\(>="), ("é", "\\['e]"), ("’", "\\(cq")):
        text = text.replace(sign, name)
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def code(text):
    """`words` of Markdown in bold."""
    return re.sub(r"`([^`]+)`", lambda found: f"\\fB{found[1]}\\fR", troff(text))


def heading(name, section, of, version, day):
    return [f'.TH {name.upper()} {section} {day} "rondom {version}" "{of}"', ".nh", ".ad l"]


def option(name):
    """The flags bold, what they take in italics."""
    flags, _, takes = name.split(" Excludes:")[0].partition(" ")
    takes = takes.split("=")[0]
    return f".TP\n\\fB{troff(flags)}\\fR" + (f" \\fI{troff(takes)}\\fR" if takes else "")


def default_of(name):
    found = re.search(r" [A-Z]+=(\S+)", name)
    return f" Default: {'the current folder' if found[1] == '.' else found[1]}." if found else ""


def sentence(text):
    return text if not text or text[-1] in ".?!)" else text + "."


def excluded(name):
    found = re.search(r"Excludes: (\S+)", name)
    return f" Not together with {found[1]}." if found else ""


def options_of(one):
    for name, description in one.items("Options"):
        if name.startswith("-h,"):
            continue
        yield option(name)
        yield code(sentence(description) + default_of(name) + excluded(name))


def program_page(program, version, day):
    pages = list(everything(program))
    root = pages[0]
    out = heading("rondom", 1, "Rondom", version, day)
    out += [".SH NAME", "rondom \\- " + troff(root.description.rstrip(".").lower()), ".SH SYNOPSIS",
            ".B rondom\n.RI [ options ]\n.I verb\n.RI [ words ]", ".SH DESCRIPTION",
            (HERE / "man/description.roff").read_text(encoding="utf-8").strip(), ".SH OPTIONS", "Of every verb:"]
    out += options_of(root)
    out.append(".SH VERBS")
    for one in pages[1:]:
        # A group is only its verbs.
        if one.items("Verbs"):
            continue
        words = one.usage.removeprefix("rondom ").replace("[OPTIONS]", "").split()
        shown = " ".join(words[len(one.path):])
        out.append(f".SS rondom {troff(' '.join(one.path))}" + (f" \\fI{troff(shown)}\\fR" if shown else ""))
        out.append(code(sentence(one.description)))
        for name, description in one.items("Positionals"):
            out += [f".TP\n\\fI{troff(name.split()[0])}\\fR", code(sentence(description))]
        out += options_of(one)
    out.append(".SH EXIT STATUS")
    for number, meaning in re.findall(r"(\d+) ([^,.]+)", root.footer.replace("\n", " ")):
        out += [f".TP\n.B {number}", troff(meaning.strip()) + "."]
    out.append((HERE / "man/rest.roff").read_text(encoding="utf-8").strip())
    return "\n".join(out) + "\n", pages


def settings_page(reference, version, day):
    out = heading("rondom.yaml", 5, "Rondom", version, day)
    out += [".SH NAME", "rondom.yaml \\- files of a Rondom project, and every key of them", ".SH DESCRIPTION",
            (HERE / "man/settings.roff").read_text(encoding="utf-8").strip()]
    keys = []
    for part in re.split(r"^## ", reference, flags=re.M)[1:]:
        name, _, body = part.partition("\n")
        rows = re.findall(r"^\| `(.+?)` \| (.*?) \| (.*?) \| (.*) \|$", body, re.M)
        if not rows:
            continue
        out.append(f".SH {troff(name.strip().upper() if '.' not in name else name.strip())}")
        for key, kind, required, meaning in rows:
            keys.append((name.strip(), key))
            needed = ", required" if required.strip() else ""
            out.append(f".TP\n\\fB{troff(key)}\\fR ({code(kind.strip())}{needed})")
            out.append(code(meaning.replace("\\|", "|").strip()))
    out.append(".SH SEE ALSO\n.BR rondom (1)")
    return "\n".join(out) + "\n", keys


def changelog(package, version, epoch):
    return (f"{package} ({version}-1) bookworm; urgency=medium\n\n  * What changed for its users: changelog.gz.\n\n"
            f" -- The Rondom authors <rondom@example.org>  {email.utils.formatdate(epoch)}\n")


def write(path, text, packed=False):
    data = text.encode("utf-8")
    path.write_bytes(gzip.compress(data, 9, mtime=0) if packed else data)


def main():
    build, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    program = build / "bin/rondom"
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    day = time.strftime("%Y-%m-%d", time.gmtime(epoch))
    version = subprocess.run([program, "version"], check=True, capture_output=True, text=True).stdout.split()[1]
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "rondom.1.gz", program_page(program, version, day)[0], packed=True)
    reference = (HERE.parent / "docs/reference/project-files.md").read_text(encoding="utf-8")
    write(folder / "rondom.yaml.5.gz", settings_page(reference, version, day)[0], packed=True)
    for shell in ("bash", "zsh", "fish"):
        script = subprocess.run([program, "completion", shell], check=True, capture_output=True, text=True, encoding="utf-8")
        write(folder / f"completion.{shell}", script.stdout)
    for package in ("rondom", "rondom-sdk-dev"):
        (folder / package).mkdir(exist_ok=True)
        write(folder / package / "changelog.Debian.gz", changelog(package, version, epoch), packed=True)
    write(folder / "changelog.gz", (HERE.parent / "CHANGELOG.md").read_text(encoding="utf-8"), packed=True)


if __name__ == "__main__":
    main()
