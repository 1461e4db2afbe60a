// SPDX-License-Identifier: Apache-2.0
#include "control/health/curl_loop.h"

#include <stdexcept>

namespace vipfwd::health {
namespace {

// The transfer that add() has noted.
CurlTransfer& transfer_of(CURL* easy) {
    void* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    return *static_cast<CurlTransfer*>(transfer);
}

}  // namespace

CurlLoop::CurlLoop(Loop& loop)
    : loop_(loop),
      timer_(loop, [this] { act(CURL_SOCKET_TIMEOUT, 0); }),
      multi_(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_multi_init() : nullptr) {
    if (multi_ == nullptr)
        throw std::runtime_error("libcurl: out of memory");
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_new_timeout);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlLoop::~CurlLoop() {
    curl_multi_cleanup(multi_);
    curl_global_cleanup();
}

bool CurlLoop::add(CURL* easy, CurlTransfer& transfer) {
    curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<void*>(&transfer));
    return curl_multi_add_handle(multi_, easy) == CURLM_OK;
}

void CurlLoop::remove(CURL* easy) {
    curl_multi_remove_handle(multi_, easy);
}

void CurlLoop::look(curl_socket_t socket) {
    act(socket, 0);
}

int CurlLoop::on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void*) noexcept {
    try {
        static_cast<CurlLoop*>(self)->watch(socket, what);
    } catch (const std::runtime_error& error) {
        transfer_of(easy).on_watch_failed(error.what());
    }
    return 0;
}

// libcurl must not be called from here, not even if the time is up: the timer does it.
int CurlLoop::on_new_timeout(CURLM*, long timeout_ms, void* self) noexcept {
    Timer& timer = static_cast<CurlLoop*>(self)->timer_;
    if (timeout_ms < 0)
        timer.cancel();
    else
        timer.fire_after(timeout_ms);
    return 0;
}

void CurlLoop::watch(curl_socket_t socket, int what) {
    if (what == CURL_POLL_REMOVE) {
        watches_.erase(socket);
        return;
    }
    Watches& watches = watches_[socket];
    const auto set = [&](std::optional<FdWatch>& watch, FdWatch::Ready ready, int poll, int event) {
        if ((what & poll) == 0)
            watch.reset();
        else if (!watch)
            watch.emplace(loop_, socket, ready, [this, socket, event] { act(socket, event); });
    };
    set(watches.readable, FdWatch::Ready::kReadable, CURL_POLL_IN, CURL_CSELECT_IN);
    set(watches.writable, FdWatch::Ready::kWritable, CURL_POLL_OUT, CURL_CSELECT_OUT);
}

void CurlLoop::act(curl_socket_t socket, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, socket, events, &running);
    report_ends();
}

// A transfer that is told may start and remove others, so that each message is read anew.
void CurlLoop::report_ends() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE)
            transfer_of(message->easy_handle).on_done(message->data.result);
    }
}

}  // namespace vipfwd::health
