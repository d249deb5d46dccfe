// The names in a directory.
#pragma once

#include <stdbool.h>

// Calls `visit` with each name but . and .., and with `value`. @returns false where the directory is not there; what
// else fails ends the program, because something would be left out.
bool each_entry(const char* path, void (*visit)(const char* name, const void* value), const void* value);
