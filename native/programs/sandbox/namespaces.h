// The namespaces of the sandbox.
#pragma once

// Moves the process into a new network namespace, with lo up, and a new mount namespace; and into a new user
// namespace as its root where its privileges do not suffice. Refuses where the system does.
void enter_namespaces(void);
