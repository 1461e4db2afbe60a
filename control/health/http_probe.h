// SPDX-License-Identifier: Apache-2.0
// Checks what a server answers to one GET request, by HTTP/1.1 or HTTPS.
//
// The answer is read as far as it matters: to the end of its header, and if the body must contain a
// text, until that is found or 64 KiB were searched. Nothing is followed, cached or reused, and
// each connection ends by RST, like those of TcpProbe.
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "control/config/model.h"
#include "control/health/answer_search.h"
#include "control/health/curl_loop.h"
#include "control/health/probe.h"
#include "control/health/probe_socket.h"
#include "control/loop/loop.h"

namespace vipfwd::health {

class HttpProbe : public Probe, private CurlTransfer {
  public:
    // Starts at once. `check` and `curl_loop` must outlive the probe.
    HttpProbe(Loop& loop, CurlLoop& curl_loop, const config::Check& check, const Way& way,
              OnProbed on_probed);
    ~HttpProbe() override;

  private:
    struct Free {
        void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };

    // libcurl's callbacks. The last argument is the probe; one that returns fewer bytes than it was
    // given ends the transfer.
    static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept;
    static std::size_t on_header(char* text, std::size_t, std::size_t bytes, void* self) noexcept;
    static std::size_t on_body(char* text, std::size_t, std::size_t bytes, void* self) noexcept;

    bool start();
    bool set_options();
    bool set_address();
    void set_tls();
    void set_deadline();
    void take_header_line(std::string_view line);
    void take_body(std::string_view piece);
    void take_header_end();

    void on_done(CURLcode code) override;
    void on_watch_failed(const char* reason) override;
    void on_timer();
    ProbeResult judge(CURLcode code) const;
    ProbeResult judge_incomplete() const;
    ProbeResult judge_timeout() const;
    void stop();
    void end(ProbeResult result);

    CurlLoop& curl_loop_;
    const config::Check& check_;
    Way way_;
    OnProbed on_probed_;
    std::int64_t deadline_ns_ = 0;
    std::optional<std::int64_t> late_ns_;  // at the deadline; none: it has not come
    Timer timer_;
    std::unique_ptr<curl_slist, Free> connect_to_;
    std::unique_ptr<CURL, Free> easy_;
    bool is_added_ = false;
    curl_socket_t socket_ = CURL_SOCKET_BAD;
    std::optional<ProbeResult> result_;  // if it is known, the transfer ends
    std::size_t header_bytes_ = 0;
    bool is_header_complete_ = false;
    AnswerSearch body_;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
};

}  // namespace vipfwd::health
