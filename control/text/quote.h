// SPDX-License-Identifier: Apache-2.0
// Makes untrusted text fit for a message: text from a file, a request or a parser's exception.
#pragma once

#include <string>
#include <string_view>

namespace vipfwd::text {

// True for ASCII control characters, which could drive a terminal.
bool is_control(char c);

// `text` on one line: control characters are written as \xNN.
std::string printable(std::string_view text);

// `text` in single quotes, printable, cut after 80 bytes.
std::string quote(std::string_view text);

}  // namespace vipfwd::text
