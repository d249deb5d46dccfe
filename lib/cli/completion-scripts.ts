// The two scripts have the same steps: find the command, and how many operands stand before the cursor; look up what the next
// operand, or the value of the option before the cursor, is; and offer that. A word with a '|' is a list of words.

/** For bash, in whose array of words the first has the number 0. */
export const BASH = (table: string): string => String.raw`# made by 'rtnetns completion bash'
_rtnetns_table() {
  case $1 in
${table}
    *) options='' values='' operands='' ;;
  esac
}

_rtnetns() {
  local cur=${'$'}{COMP_WORDS[COMP_CWORD]} command= pending= count=0 i kind path value word
  local options values operands
  COMPREPLY=()
  _rtnetns_table ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${'$'}{COMP_WORDS[i]}
    if [[ -n $pending ]]; then
      pending=
    elif [[ $word == -* ]]; then
      for value in $values; do [[ $value == "$word":* ]] && pending=${'$'}{value#*:}; done
    elif [[ -z $command ]]; then
      command=$word
      _rtnetns_table "$command"
    else
      ((++count))
    fi
  done
  local -a kinds=($operands)
  kind=${'$'}{kinds[count]-}
  if [[ -z $kind && ${'$'}{operands} == *... ]]; then kind=${'$'}{kinds[${'$'}{#kinds[@]} - 1]}; fi
  kind=${'$'}{kind%...}
  if [[ -n $pending ]]; then
    kind=$pending
  elif [[ $cur == -* && ! ($kind == command && $count -gt 0) ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
    return
  fi
  case $kind in
    name)
      for path in /run/netns/*; do
        word=${'$'}{path##*/}
        printf -v word %q "$word"
        [[ -e $path && $word == "$cur"* ]] && COMPREPLY+=("$word")
      done
      ;;
    command)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -c -- "$cur"; compgen -f -- "$cur")
      ;;
    file)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
    *'|'*) COMPREPLY=($(compgen -W "${'$'}{kind//|/ }" -- "$cur")) ;;
  esac
}

complete -F _rtnetns rtnetns`;

/** For zsh, in whose array of words the first has the number 1. */
export const ZSH = (table: string): string => String.raw`#compdef rtnetns
# made by 'rtnetns completion zsh'
_rtnetns_table() {
  case $1 in
${table}
    *) options='' values='' operands='' ;;
  esac
}

_rtnetns() {
  local cur=$words[CURRENT] command= pending= count=0 i kind value word
  local options values operands
  local -a kinds names
  _rtnetns_table ''
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $pending ]]; then
      pending=
    elif [[ $word == -* ]]; then
      for value in $=values; do [[ $value == "$word":* ]] && pending=${'$'}{value#*:}; done
    elif [[ -z $command ]]; then
      command=$word
      _rtnetns_table "$command"
    else
      ((++count))
    fi
  done
  kinds=($=operands)
  kind=${'$'}{kinds[count + 1]-}
  if [[ -z $kind && $operands == *... ]]; then kind=$kinds[-1]; fi
  kind=${'$'}{kind%...}
  if [[ -n $pending ]]; then
    kind=$pending
  elif [[ $cur == -* && ! ($kind == command && $count -gt 0) ]]; then
    compadd -- $=options
    return
  fi
  case $kind in
    name)
      names=(/run/netns/*(N:t))
      compadd -a names
      ;;
    command) _alternative 'commands:command:_command_names -e' 'files:file:_files' ;;
    file) _files ;;
    *'|'*) compadd -- ${'$'}{(s:|:)kind} ;;
  esac
}

compdef _rtnetns rtnetns`;
