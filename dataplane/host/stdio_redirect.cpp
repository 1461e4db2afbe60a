// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/stdio_redirect.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace vipfwd::host {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;
constexpr std::string_view kKernelMessage = "Kernel error message: ";

// "EAL: failed", "load_program(): failed", "libbpf: failed" -> "failed".
std::string_view without_prefix(std::string_view line) {
    const std::size_t colon = line.find(": ");
    const bool is_prefix = colon != std::string_view::npos &&
                           line.substr(0, colon).find(' ') == std::string_view::npos;
    return is_prefix ? line.substr(colon + 2) : line;
}

// Lines that EAL and drivers print after the line that names the cause.
bool is_generic(std::string_view line) {
    constexpr std::array<std::string_view, 7> kStarts{"failed to initialize",
                                                      "Failed to attach device",
                                                      "Bus (vdev) probe failed",
                                                      "Driver cannot attach",
                                                      "Cannot probe",
                                                      "Failed to configure xdp socket",
                                                      "Failed to load custom XDP"};
    return line.empty() || std::any_of(kStarts.begin(), kStarts.end(), [&](std::string_view start) {
               return line.rfind(start, 0) == 0;
           });
}

}  // namespace

StdioRedirect::StdioRedirect() : buffer_(memfd_create("printed", MFD_CLOEXEC)) {
    if (!buffer_)
        return;
    for (int fd : {STDOUT_FILENO, STDERR_FILENO}) {
        std::fflush(fd == STDOUT_FILENO ? stdout : stderr);
        kept_[fd - STDOUT_FILENO] = abi::Fd(fcntl(fd, F_DUPFD_CLOEXEC, 3));
        dup2(buffer_.get(), fd);
    }
}

StdioRedirect::~StdioRedirect() {
    for (int fd : {STDOUT_FILENO, STDERR_FILENO}) {
        std::fflush(fd == STDOUT_FILENO ? stdout : stderr);
        if (const abi::Fd& kept = kept_[fd - STDOUT_FILENO])
            dup2(kept.get(), fd);
    }
}

std::string StdioRedirect::text() const {
    std::fflush(stdout);
    std::fflush(stderr);
    std::string text(kMostBytes, '\0');
    const ssize_t size = pread(buffer_.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return text;
}

std::string failure_cause(std::string_view printed) {
    std::string_view best;
    while (!printed.empty()) {
        const std::size_t end = std::min(printed.find('\n'), printed.size());
        const std::string_view line = printed.substr(0, end);
        printed.remove_prefix(std::min(end + 1, printed.size()));
        if (const std::size_t start = line.find(kKernelMessage); start != std::string_view::npos)
            return std::string(line.substr(start + kKernelMessage.size()));
        std::string_view words = line;
        while (words != without_prefix(words))
            words = without_prefix(words);
        if (!is_generic(words))
            best = words;
    }
    return std::string(best);
}

}  // namespace vipfwd::host
