# Sourced: obeys lines "VERB N" on standard input with the functions create and delete, and answers each with
# one line of JSON. The harness takes the time.
set -e

serve() {
  echo '{"ready":true}'
  while read -r verb n; do
    case $verb in create | delete) "$verb" "$n" >&2 </dev/null ;; esac
    echo '{}'
  done
}
