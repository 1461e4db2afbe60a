// SPDX-License-Identifier: Apache-2.0
#include "control/decap/kernel_message.h"

#include <bpf/libbpf.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <string_view>
#include <utility>

namespace vipfwd::decap {
namespace {

constexpr std::string_view kPrefix = "libbpf: Kernel error message: ";

std::string last_message;

int keep_message(libbpf_print_level, const char* format, va_list arguments) {
    std::array<char, 512> line{};
    const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
    std::string_view text(line.data());
    if (!text.starts_with(kPrefix))
        return length;
    text.remove_prefix(kPrefix.size());
    last_message = text.substr(0, text.find('\n'));
    return length;
}

}  // namespace

void capture_kernel_messages() {
    libbpf_set_print(keep_message);
}

std::string take_kernel_message() {
    return std::exchange(last_message, {});
}

}  // namespace vipfwd::decap
