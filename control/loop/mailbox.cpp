// SPDX-License-Identifier: Apache-2.0
#include "control/loop/mailbox.h"

#include <sys/eventfd.h>

#include <stdexcept>
#include <utility>

namespace vipfwd {
namespace {

abi::Fd make_event() {
    abi::Fd event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event)
        throw std::runtime_error("event loop: no eventfd");
    return event;
}

}  // namespace

Mailbox::Mailbox(Loop& loop)
    : event_(make_event()),
      watch_(loop, event_.get(), FdWatch::Ready::kReadable, [this] { run_posted(); }) {}

void Mailbox::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        posted_.push_back(std::move(work));
    }
    abi::signal_eventfd(event_);
}

void Mailbox::run_posted() {
    eventfd_t count = 0;
    eventfd_read(event_.get(), &count);
    std::vector<std::function<void()>> posted;
    {
        const std::lock_guard lock(mutex_);
        posted = std::exchange(posted_, {});
    }
    for (const std::function<void()>& work : posted)
        work();
}

}  // namespace vipfwd
