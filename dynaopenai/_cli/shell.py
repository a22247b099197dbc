"""Completion in bash: like click's, without a space after ``name=``, and with files where nothing else is proposed."""

from __future__ import annotations

from click.shell_completion import BashComplete, add_completion_class

BASH = """\
%(complete_func)s() {
    local kind word
    COMPREPLY=()
    while IFS=, read -r kind word; do
        [[ $kind == plain ]] && COMPREPLY+=("$word")
        [[ $word == *[=@] ]] && compopt -o nospace
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1")
    return 0
}
complete -o nosort -o bashdefault -o default -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    source_template = BASH


def register() -> None:
    add_completion_class(Bash)
