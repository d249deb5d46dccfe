#include "handed_over.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "refuse.h"

static void refuse_strings(int error) {
  refuse("cannot read the command", error, "a program hands it over by a descriptor", "run `rtnetns sandbox` instead");
}

static long number(const char* text) {
  char* end;
  errno = 0;
  const long value = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < 0 || value > INT_MAX) refuse_strings(EINVAL);
  return value;
}

struct handed_over read_handed_over(const char* descriptor, const char* count) {
  const size_t words = (size_t)number(count);
  FILE* from = fdopen((int)number(descriptor), "r");
  if (from == NULL) refuse_strings(errno);

  char** strings = NULL;
  size_t found = 0, room = 0;
  for (;;) {
    // Two places more than strings: for the NULL that ends the command, and the one that ends the environment.
    if (found + 2 >= room) {
      room = room * 2 + 64;
      strings = realloc(strings, room * sizeof *strings);
      if (strings == NULL) refuse_strings(errno);
    }
    char** next = &strings[found < words ? found : found + 1];
    size_t size = 0;
    *next = NULL;
    if (getdelim(next, &size, '\0', from) < 0) {
      if (!feof(from)) refuse_strings(errno);
      *next = NULL;
      break;
    }
    found++;
  }
  fclose(from);
  if (words == 0 || found < words) refuse_strings(EINVAL);
  strings[words] = NULL;
  return (struct handed_over){.command = strings, .environment = found > words ? &strings[words + 1] : NULL};
}
