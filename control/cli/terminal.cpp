// SPDX-License-Identifier: Apache-2.0
#include "control/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "control/cli/table.h"

namespace vipfwd::cli {
namespace {

constexpr std::size_t kUsual = 80;
constexpr std::size_t kLeast = 40;

}  // namespace

std::size_t line_width(int fd) {
    if (isatty(fd) == 0)
        return kUnlimited;
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return kUsual;
    return std::max<std::size_t>(size.ws_col, kLeast);
}

}  // namespace vipfwd::cli
