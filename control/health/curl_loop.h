// SPDX-License-Identifier: Apache-2.0
// Runs libcurl's transfers on control's loop: libcurl says which sockets and times it waits for,
// the loop waits, and tells libcurl. It never blocks.
#pragma once

#include <curl/curl.h>

#include <optional>
#include <unordered_map>

#include "control/loop/loop.h"

namespace vipfwd::health {

class CurlTransfer {
  public:
    // The transfer has ended. Not called from inside libcurl: it may be removed and destroyed here.
    virtual void on_done(CURLcode code) = 0;
    // No descriptor of the transfer can be watched: it will never end. Called from inside libcurl,
    // where it must not be removed.
    virtual void on_watch_failed(const char* reason) = 0;

  protected:
    ~CurlTransfer() = default;
};

class CurlLoop {
  public:
    // Throws std::runtime_error if libcurl has no memory.
    explicit CurlLoop(Loop& loop);
    // All transfers must be removed before.
    ~CurlLoop();
    CurlLoop(const CurlLoop&) = delete;
    CurlLoop& operator=(const CurlLoop&) = delete;

    // Starts the transfer of `easy`, and sets its CURLOPT_PRIVATE. `transfer` is not called before
    // the next turn of the loop. False if libcurl has no memory.
    bool add(CURL* easy, CurlTransfer& transfer);
    // Ends a transfer that has been added, and closes its connection unless it may be reused. Not
    // to be called from inside libcurl.
    void remove(CURL* easy);
    // Lets libcurl handle what has come for a socket, though the loop has not told it yet. May call
    // on_done() of any transfer.
    void look(curl_socket_t socket);

  private:
    struct Watches {
        std::optional<FdWatch> readable;
        std::optional<FdWatch> writable;
    };

    static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void*) noexcept;
    static int on_new_timeout(CURLM*, long timeout_ms, void* self) noexcept;
    void watch(curl_socket_t socket, int what);
    void act(curl_socket_t socket, int events);
    void report_ends();

    Loop& loop_;
    std::unordered_map<curl_socket_t, Watches> watches_;
    Timer timer_;
    CURLM* multi_;
};

}  // namespace vipfwd::health
