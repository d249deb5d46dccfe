// The /etc of a network namespace.
#pragma once

// Binds what is in /etc/netns/NAME/ over what has the same name in /etc. For a file that /etc lacks, it prints a
// warning to standard error and goes on, as `ip netns exec` does. Any other failure ends the program, because the
// command would ask another network's name servers.
void lay_over_etc(const char* name);
