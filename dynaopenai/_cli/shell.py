"""Completion in bash, zsh and fish: like click's, with no space after ``name=``, and with files where nothing else is proposed.

Rules of this file:
1. A word is what is between spaces, in every shell: bash, which takes ``=``, ``:`` and ``@`` for the ends of words, is asked for its
   line, and given what follows the last of them.
2. What is said of a proposal is one line, and all of it.
"""

from __future__ import annotations

import os
import re

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

BASH = """\
%(complete_func)s() {
    local kind word
    COMPREPLY=()
    while IFS=, read -r kind word; do
        [[ $kind == plain ]] && COMPREPLY+=("$word")
        [[ $word == *[=@./] ]] && compopt -o nospace
    done < <(COMP_LINE="$COMP_LINE" COMP_POINT=$COMP_POINT COMP_BREAKS="$COMP_WORDBREAKS" %(complete_var)s=bash_complete "$1")
    return 0
}
complete -o nosort -o bashdefault -o default -F %(complete_func)s %(prog_name)s
"""

ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local kind word help
    local -a lines described open
    (( ! $+commands[%(prog_name)s] )) && return 1
    lines=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) %(complete_var)s=zsh_complete %(prog_name)s)}")
    for kind word help in ${lines}; do
        if [[ $kind == plain ]]; then
            word=${word//:/\\\\:}
            [[ $help == _ ]] || word+=":$help"
            if [[ ${word%%%%:*} == *[=@./] ]]; then open+=("$word"); else described+=("$word"); fi
        elif [[ $kind == dir ]]; then _path_files -/
        else _path_files -f
        fi
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#open )) && _describe -V unsorted open -U -S ''
    (( $#lines > 1 )) || _path_files -f
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

FISH = """\
function %(complete_func)s
    set -l lines (env COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) %(complete_var)s=fish_complete %(prog_name)s)
    for line in $lines
        set -l found (string split -m 1 "," $line)
        switch $found[1]
            case plain
                echo $found[2]
            case dir
                __fish_complete_directories $found[2]
            case file
                __fish_complete_path $found[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


_OPEN_QUOTE = re.compile(
    r"""(?:[^'"\\]|\\.|'[^']*'|"(?:\\.|[^"\\])*")*(?:'([^']*)|"((?:\\.|[^"\\])*\\?))""", re.DOTALL
)


class Bash(BashComplete):
    source_template = BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """What is typed as far as the cursor, by the line: bash's own words end at each ``=``."""
        if "COMP_LINE" not in os.environ:  # a shell that was started with a script of before
            return super().get_completion_args()
        line = _line_so_far()
        words = split_arg_string(line)[1:]
        is_begun = bool(words) and (not line[-1:].isspace() or _quoted(line) is not None)
        return (words[:-1], words[-1]) if is_begun else (words, "")

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """What replaces that which bash takes for the word: what follows an open quote, or the last sign that ends one."""
        quoted = _quoted(_line_so_far())
        ends = [sign for sign in os.environ.get("COMP_BREAKS", "") if sign in "=:@"]
        last = max((incomplete.rfind(sign) for sign in ends), default=-1)
        begin = last if last >= 0 and incomplete[last] == "@" else last + 1  # readline takes an @ for a part of what follows it
        kept = incomplete[:begin] if quoted is None else incomplete.removesuffix(quoted)
        spelled = _escaped if quoted is None else str
        return [CompletionItem(spelled(item.value.removeprefix(kept)), item.type) for item in super().get_completions(args, incomplete)]


def _line_so_far() -> str:
    return os.environ.get("COMP_LINE", "").encode()[: int(os.environ.get("COMP_POINT") or 0)].decode("utf-8", "replace")


def _quoted(line: str) -> str | None:
    """What follows a quote that is still open; None where none is."""
    found = _OPEN_QUOTE.fullmatch(line)
    return (found[1] if found[1] is not None else found[2]) if found is not None else None


def _escaped(word: str) -> str:
    """A word whose spaces and signs mean nothing to the shell."""
    return re.sub(r"([\s'\"\\$`&|;<>()*?!#\[\]{}~])", r"\\\1", word)


class Zsh(ZshComplete):
    source_template = ZSH

    def format_completion(self, item: CompletionItem) -> str:
        """Kind, word and what is said of it, a line each."""
        return f"{item.type}\n{item.value}\n{_line(item.help) or '_'}"


class Fish(FishComplete):
    source_template = FISH

    def format_completion(self, item: CompletionItem) -> str:
        """Kind and word, and after a tab what is said of it."""
        description = _line(item.help)
        return f"{item.type},{item.value}\t{description}" if description else f"{item.type},{item.value}"


def _line(text: str | None) -> str:
    return " ".join(text.split()) if text else ""


def register() -> None:
    """Take the place of click's own."""
    for kind in (Bash, Zsh, Fish):
        add_completion_class(kind)
