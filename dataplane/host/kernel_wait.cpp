// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/kernel_wait.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "dataplane/abi/time_units.h"

namespace vipfwd::host {

// A UIO device has one descriptor for all of its interrupts, and EAL's own thread reads it too.
std::optional<KernelWait::Kind> KernelWait::kind_of(int fd) {
    std::error_code error;
    const std::string what =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error).string();
    if (error || what.starts_with("/dev/uio"))
        return std::nullopt;
    return what == "anon_inode:[eventfd]" ? Kind::kEventfd : Kind::kPackets;
}

Result<std::unique_ptr<KernelWait>> KernelWait::create(std::size_t descriptors) {
    abi::Fd signal(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!signal)
        return system_error("cannot make an eventfd");
    return std::unique_ptr<KernelWait>(new KernelWait(std::move(signal), descriptors));
}

KernelWait::KernelWait(abi::Fd signal, std::size_t descriptors)
    : signal_(std::move(signal)),
      watched_(1 + descriptors, {-1, POLLIN, 0}),
      kinds_(1 + descriptors, Kind::kEventfd) {
    watched_.front().fd = signal_.get();
}

void KernelWait::add(int fd, Kind kind) {
    if (count_ == watched_.size())
        return;
    watched_[count_].fd = fd;
    kinds_[count_++] = kind;
}

// Events are taken back before the worker looks for what they announced.
bool KernelWait::poll(std::uint64_t longest_ns) {
    const timespec longest{static_cast<time_t>(longest_ns / kNanosecondsPerS),
                           static_cast<long>(longest_ns % kNanosecondsPerS)};
    if (ppoll(watched_.data(), static_cast<nfds_t>(count_), &longest, nullptr) <= 0)
        return false;
    bool told_of_packets = false;
    for (std::size_t i = 0; i < count_; ++i) {
        if (watched_[i].revents == 0)
            continue;
        if (kinds_[i] == Kind::kEventfd) {
            std::uint64_t events = 0;
            [[maybe_unused]] const ssize_t taken = read(watched_[i].fd, &events, sizeof events);
        }
        told_of_packets |= i > 0;
    }
    return told_of_packets;
}

}  // namespace vipfwd::host
