// What a program hands over by a descriptor: strings of any bytes, each of which a NUL ends. Node has text instead of
// bytes in arguments and in the environment, and writes U+FFFD in place of what is not UTF-8.
#pragma once

struct handed_over {
  char** command;      // the first strings, as many as were asked for; NULL ends them
  char** environment;  // the others; NULL where there are none
};

// Reads to the end of the descriptor and closes it. `count` is how many strings are the command.
struct handed_over read_handed_over(const char* descriptor, const char* count);
