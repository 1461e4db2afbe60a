// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/kernel_wait.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <ctime>
#include <utility>

#include "dataplane/abi/time_units.h"

namespace vipfwd::host {

Result<std::unique_ptr<KernelWait>> KernelWait::create(std::size_t sockets) {
    abi::Fd signal(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!signal)
        return system_error("cannot make an eventfd");
    return std::unique_ptr<KernelWait>(new KernelWait(std::move(signal), sockets));
}

KernelWait::KernelWait(abi::Fd signal, std::size_t sockets)
    : signal_(std::move(signal)), watched_(1 + sockets, {-1, POLLIN, 0}) {
    watched_.front().fd = signal_.get();
}

void KernelWait::add(int socket) {
    if (count_ < watched_.size())
        watched_[count_++].fd = socket;
}

// Signals are taken back before the worker looks for what they announced.
void KernelWait::poll(std::uint64_t longest_ns) {
    const timespec longest{static_cast<time_t>(longest_ns / kNanosecondsPerS),
                           static_cast<long>(longest_ns % kNanosecondsPerS)};
    if (ppoll(watched_.data(), static_cast<nfds_t>(count_), &longest, nullptr) <= 0 ||
        watched_.front().revents == 0)
        return;
    std::uint64_t signals = 0;
    [[maybe_unused]] const ssize_t taken = read(signal_.get(), &signals, sizeof signals);
}

}  // namespace vipfwd::host
