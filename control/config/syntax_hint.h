// SPDX-License-Identifier: Apache-2.0
// What to do about a syntax error: the parser says what it did not expect, and an operator wants to
// know which quote or bracket to write.
#pragma once

#include <string>
#include <string_view>

#include "control/config/diagnostic.h"

namespace vipfwd::config {

// The likely mistake and what to write instead, in one clause or two; empty if it is none of the
// usual ones. `where` is the place at which the parser gave up.
std::string syntax_hint(std::string_view text, Location where);

}  // namespace vipfwd::config
