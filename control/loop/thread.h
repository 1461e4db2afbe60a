// SPDX-License-Identifier: Apache-2.0
// Threads beside the loop of control.
#pragma once

#include <functional>
#include <thread>

namespace vipfwd {

// Starts a thread that takes no signals, because they are for the main loop, and that has no
// real-time priority even if the calling thread has. `name` is shown for it, by ps for example: at
// most 15 characters, a literal. `body` must not throw. Throws std::system_error if there are no
// threads left.
std::thread start_thread(const char* name, std::function<void()> body);

}  // namespace vipfwd
