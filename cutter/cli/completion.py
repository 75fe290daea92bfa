"""`cutter completion bash|zsh|fish`: the script that a shell loads to complete cutter's commands.

Rules kept here: the script names the program that made it by its whole path, so that TAB never starts a program of the
current folder; what is typed reaches the program in a variable, not in its arguments, which other users can see; it
gets no input and its errors are dropped; nothing that it answers is ever evaluated.

Source: issue 6, part 6; command-line.md §1 row 15.
"""

import shlex
import sys
from pathlib import Path

import click
import msgspec

from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.view import View

SHELLS = ("bash", "zsh", "fish")
ANSWER = "_complete"  # the hidden command that a script asks
SHELL_VARIABLE, WORDS_VARIABLE = "_CUTTER_SHELL", "_CUTTER_WORDS"
SEPARATOR = "\x1f"  # between the words in that variable

_HELP = """Print the script that completes commands, options and ids in a shell.

\b
bash  add to ~/.bashrc:                    eval "$(cutter completion bash)"
zsh   add to ~/.zshrc, after compinit:     eval "$(cutter completion zsh)"
fish  cutter completion fish > ~/.config/fish/completions/cutter.fish
"""

_BASH = r"""# Completion of cutter for bash, made by `cutter completion bash`.
_cutter_complete() {
    local IFS=$'\037' reply line
    local words="${COMP_WORDS[*]:0:COMP_CWORD+1}"
    COMPREPLY=()
    reply=$(_CUTTER_SHELL=bash _CUTTER_WORDS="$words" @PROGRAM@ @ANSWER@ 2>/dev/null </dev/null) || return 0
    while IFS= read -r line; do
        case "$line" in
            +files) compopt -o filenames -o default 2>/dev/null ;;
            +folders) compopt -o filenames -o dirnames 2>/dev/null ;;
            '') ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done <<< "$reply"
    return 0
}
complete -o nosort -F _cutter_complete cutter orchestrate 2>/dev/null ||
    complete -F _cutter_complete cutter orchestrate
"""

_ZSH = r"""#compdef cutter orchestrate
# Completion of cutter for zsh, made by `cutter completion zsh`.
_cutter() {
    local reply line
    local -a values shown
    local separator=$'\x1f' done=1
    reply=$(_CUTTER_SHELL=zsh _CUTTER_WORDS="${(pj:$separator:)words[1,CURRENT]}" @PROGRAM@ @ANSWER@ \
        2>/dev/null </dev/null) || return 1
    for line in "${(@f)reply}"; do
        case "$line" in
            +files) _files && done=0 ;;
            +folders) _files -/ && done=0 ;;
            '') ;;
            *) values+=("${line%%$'\t'*}"); shown+=("${line/$'\t'/  }") ;;
        esac
    done
    (( ${#values} )) && compadd -V cutter -l -d shown -a values && done=0
    return $done
}
if [[ "${funcstack[1]}" == _cutter ]]; then
    _cutter "$@"
elif (( ${+functions[compdef]} )); then
    compdef _cutter cutter orchestrate
fi
"""

_FISH = r"""# Completion of cutter for fish, made by `cutter completion fish`.
function __cutter_complete
    set -l words (commandline -opc)
    set -a words (commandline -ct)
    set -l joined (string join \x1f -- $words)
    set -l reply (env _CUTTER_SHELL=fish _CUTTER_WORDS="$joined" @PROGRAM@ @ANSWER@ 2>/dev/null </dev/null)
    or return 0
    for line in $reply
        switch $line
            case +files
                type -q __fish_complete_path; and __fish_complete_path (commandline -ct)
            case +folders
                type -q __fish_complete_directories; and __fish_complete_directories (commandline -ct)
            case ''
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c cutter -e
complete -c orchestrate -e
complete -c cutter -f -k -a '(__cutter_complete)'
complete -c orchestrate -f -k -a '(__cutter_complete)'
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


class CompletionScript(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter completion` (`cutter.completion/1`)."""

    format: str = "cutter.completion/1"
    shell: str
    script: str


def make_group() -> click.Command:
    """The command."""
    return click.Command(
        name="completion",
        params=[click.Argument(["shell"], metavar="|".join(SHELLS), type=click.Choice(SHELLS))],
        callback=print_script,
        help=_HELP,
        epilog=epilog(),
        context_settings=dict(SETTINGS),
    )


def print_script(shell: str) -> View:
    """The view of a shell's script."""
    script = completion_script(shell, own_program())
    return View(CompletionScript(shell=shell, script=script), tuple(script.removesuffix("\n").split("\n")))


def completion_script(shell: str, program: tuple[str, ...]) -> str:
    """The script of a shell, which asks this program."""
    quote = _quote_fish if shell == "fish" else shlex.quote
    return _SCRIPTS[shell].replace("@PROGRAM@", " ".join(map(quote, program))).replace("@ANSWER@", ANSWER)


def own_program() -> tuple[str, ...]:
    """How this very program is started from anywhere: the script beside its Python, else that Python alone."""
    beside = Path(sys.executable).with_name("cutter")
    return (str(beside),) if beside.is_file() else (sys.executable, "-I", "-m", "cutter")


def _quote_fish(word: str) -> str:
    """A word as fish takes it: within single quotes only those and backslashes are escaped."""
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
