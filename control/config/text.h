// SPDX-License-Identifier: Apache-2.0
// Text from a file, made fit for a message.
#pragma once

#include <string>
#include <string_view>

namespace vipfwd::config {

bool is_control(char c);

// `text` on one line: control characters (which could drive a terminal) as \xNN.
std::string printable(std::string_view text);

// `text` in single quotes, printable, cut after 80 bytes.
std::string quote(std::string_view text);

}  // namespace vipfwd::config
