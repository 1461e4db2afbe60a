// SPDX-License-Identifier: Apache-2.0
// Fuzzes the reader of the configuration: any text gives a configuration or a list of errors.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "control/config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vipfwd::config;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const LoadOutcome outcome = load_text(text, "/nonexistent/vipfwd.toml");
    if (!outcome.config && outcome.diagnostics.empty())
        std::abort();  // refused without an error
    return 0;
}
