// rtnetns-sandbox [--] COMMAND [ARG…]
// rtnetns-sandbox --handed-over DESCRIPTOR COUNT
//
// Runs a command in a network and a mount namespace of its own, so that whatever it does to links, routes and named
// namespaces ends with it; for everybody, not for root only.
//
// Nothing is forked: the process that enters the namespaces becomes the command. So exit code, signals, terminal,
// process group and parent are the command's own, and there is nothing to hand on.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handed_over.h"
#include "mounts.h"
#include "namespaces.h"
#include "refuse.h"

// As env(1), nohup(1) and docker have them.
enum { kCannotExecute = 126, kNotFound = 127 };

int main(int argc, char** argv) {
  char** command = argv + 1;
  char** environment = NULL;
  if (argc > 1 && strcmp(*command, "--") == 0) {
    command++;
  } else if (argc == 4 && strcmp(*command, "--handed-over") == 0) {
    const struct handed_over handed = read_handed_over(argv[2], argv[3]);
    command = handed.command;
    environment = handed.environment;
  } else if (argc > 1 && **command == '-') {
    command = argv + argc;  // there is no other option: one must not be taken for a command
  }
  if (argc == 0 || *command == NULL) {
    fputs("usage: rtnetns-sandbox [--] COMMAND [ARG...]\n", stderr);
    return kRefused;
  }

  enter_namespaces();
  arrange_mounts();

  if (environment != NULL) environ = environment;
  if (setenv("RTNETNS_SANDBOX", "1", 1) != 0) refuse_denied("cannot set RTNETNS_SANDBOX", errno);
  execvp(*command, command);
  const int error = errno;
  fprintf(stderr, "rtnetns-sandbox: %s: %s\n", *command, strerror(error));
  return error == ENOENT ? kNotFound : kCannotExecute;
}
