"""Completion in bash, zsh and fish: like click's, with no space after ``name=``, and with files where nothing else is proposed.

Rules of this file:
1. A word is what is between spaces, in every shell: bash, which takes ``=``, ``:`` and ``@`` for the ends of words, is asked for its
   line, and given what follows the last of them.
2. What is said of a proposal is one line, and all of it.
3. A document's words are never the shell's: what is inserted is read by it as the value, and whatever is a sign to it has a backslash of
   its own, also within quotes, which end before it and begin again behind it. So nothing runs even where the line is understood wrongly.
4. What cannot be shown as it is, on one line, is not proposed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from click.shell_completion import BashComplete, CompletionItem, FishComplete, ZshComplete, add_completion_class

from .._display.visible import visible_line

BASH = """\
%(complete_func)s() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        [[ $line == plain,* ]] && COMPREPLY+=("${line#plain,}")
        [[ $line == *[=@./] ]] && compopt -o nospace
    done < <(COMP_LINE="$COMP_LINE" COMP_POINT=$COMP_POINT COMP_WORD="$2" %(complete_var)s=bash_complete "$1")
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
            word=${${word//\\\\/\\\\\\\\}//:/\\\\:}
            [[ $help == _ ]] && help= || help=":$help"
            if [[ $word == *[=@./] ]]; then open+=("$word$help"); else described+=("$word$help"); fi
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
                printf '%%s\\n' $found[2]
            case dir
                __fish_complete_directories $found[2]
            case file
                __fish_complete_path $found[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


# What a word is made of: a sign behind a backslash, what is between quotes (of the last ones, what is there as yet), and other text.
_PIECE = re.compile(
    r"""\\(?P<escaped>.?)|(?P<quote>')(?P<single>[^']*)(?P<end>'?)|(?P<mark>")(?P<double>(?:\\.|[^"\\])*\\?)(?P<close>"?)|(?P<space>\s)|(?P<text>[^\s'"\\]+)""",
    re.DOTALL,
)
_ESCAPED_IN_QUOTES = re.compile(r'\\(["$`\\])')  # within ", a backslash before any other sign is itself
_SIGNS = re.compile(r"[\s'\"\\$`&|;<>()*?!#\[\]{}~]")
_LIVE_SIGNS = r"\\$`&|;<>()!"  # those that may run something


class Bash(BashComplete):
    source_template = BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """What is typed as far as the cursor, by the line: bash's own words end at each ``=``."""
        words, _ = words_of(_line_so_far())
        return words[1:-1], words[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """What replaces that which bash takes for the word: what follows an open quote, or the last sign that ends one."""
        line, replaced = _line_so_far(), os.environ.get("COMP_WORD")
        if replaced is None or not line.endswith(replaced):  # a script of before: it is not known what would be replaced
            return []
        words, quote = words_of(line[: len(line) - len(replaced)])
        found = _shown(super().get_completions(args, incomplete))
        return [CompletionItem(spelled(item.value[len(words[-1]) :], quote), item.type) for item in found if item.value.startswith(words[-1])]


def _line_so_far() -> str:
    return os.environ.get("COMP_LINE", "").encode()[: int(os.environ.get("COMP_POINT") or 0)].decode("utf-8", "replace")


def words_of(line: str) -> tuple[list[str], str]:
    """The words of a line as bash reads them, the last one as far as it is typed; and the quote that is open at the end, if one is."""
    words, quote, is_begun = [""], "", False
    for piece in _PIECE.finditer(line):
        if piece["space"]:
            words, is_begun = [*words, ""] if is_begun else words, False
            continue
        is_begun = True
        double = _ESCAPED_IN_QUOTES.sub(r"\1", piece["double"] or "")
        words[-1] += double + "".join(filter(None, piece.group("escaped", "single", "text")))
        quote = "" if piece["end"] or piece["close"] else piece["quote"] or piece["mark"] or ""
    return words, quote


def spelled(text: str, quote: str) -> str:
    """A text that stands for itself after a quote that is open, or after none; where readline then ends the quote, it does so."""
    if not quote:
        return _SIGNS.sub(r"\\\g<0>", text)
    word = re.sub(rf"[{_LIVE_SIGNS}{quote}]+", lambda signs: quote + "".join(f"\\{sign}" for sign in signs[0]) + quote, text)
    begin, end = (quote if has else "" for has in (word.startswith(quote), word.endswith(quote)))
    return f"{begin}{word}{end}"  # readline takes a quote at the begin for the one before it, and one at the end for the last


class Zsh(ZshComplete):
    source_template = ZSH

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Those that can be shown; zsh itself quotes what it inserts."""
        return _shown(super().get_completions(args, incomplete))

    def format_completion(self, item: CompletionItem) -> str:
        """Kind, word and what is said of it, a line each."""
        return f"{item.type}\n{item.value}\n{_line(item.help) or '_'}"


class Fish(FishComplete):
    source_template = FISH

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Those that can be shown; fish itself quotes what it inserts."""
        return _shown(super().get_completions(args, incomplete))

    def format_completion(self, item: CompletionItem) -> str:
        """Kind and word, and after a tab what is said of it."""
        description = _line(item.help)
        return f"{item.type},{item.value}\t{description}" if description else f"{item.type},{item.value}"


def _shown(items: Iterable[CompletionItem]) -> list[CompletionItem]:
    """Without those that would be another proposal, or none that can be read: an end of a line or an unseen sign is in them."""
    return [item for item in items if item.type != "plain" or (item.value and visible_line(item.value) == item.value)]


def _line(text: str | None) -> str:
    return visible_line(" ".join(text.split())) if text else ""


def register() -> None:
    """Take the place of click's own."""
    for kind in (Bash, Zsh, Fish):
        add_completion_class(kind)
