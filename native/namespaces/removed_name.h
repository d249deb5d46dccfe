// The end of a namespace's name.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "values/status.h"

// Unmounts all that is mounted there, and removes the file, which may be a stale one that nothing is mounted on. With
// `ino` only that namespace is unmounted, as often as it is mounted there, and another one of that name stays; where
// another one, or none, is mounted there, it fails with ENOENT.
Status RemoveName(const std::string& path, std::optional<ino_t> ino);
