// SPDX-License-Identifier: Apache-2.0
#include "control/health/http_failure.h"

#include <fmt/format.h>

#include <string>

#include "control/health/failure.h"
#include "control/text/quote.h"

namespace vipfwd::health {
namespace {

// The errno of the call that failed, 0 if none did.
int error_of(CURL* easy) {
    long error = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
    return static_cast<int>(error);
}

bool has_begun_to_answer(CURL* easy) {
    curl_off_t first_byte_us = 0;
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
    return first_byte_us > 0;
}

std::string unreadable_certificates(const config::Check& check) {
    if (check.ca_file.empty())
        return "the system's certificates cannot be read; install ca-certificates or set ca_file";
    return fmt::format("ca_file {} cannot be read, or has no certificates",
                       text::quote(check.ca_file));
}

}  // namespace

std::string tls_reason(std::string_view text) {
    constexpr std::string_view kNoMatch = " target host name ";
    if (const std::size_t at = text.find(kNoMatch); at != std::string_view::npos)
        return fmt::format("TLS: the certificate is not for {}",
                           shorten_answer(text.substr(at + kNoMatch.size())));
    const auto cut_to_end_of = [&](std::string_view part) {
        const std::size_t at = text.find(part);
        if (at != std::string_view::npos)
            text.remove_prefix(at + part.size());
    };
    for (const char* part : {"SSL certificate problem: ", "SSL routines::", "SSL: ",
                             "SSL_connect: ", "Recv failure: "})
        cut_to_end_of(part);
    text = text.substr(0, text.find(" in connection to "));
    if (text == "SSL_ERROR_SYSCALL" || text == "SSL_ERROR_ZERO_RETURN")
        text = "connection closed in the handshake";
    if (text == "Connection reset by peer")
        text = "connection reset in the handshake";
    return fmt::format("TLS: {}", shorten_answer(text));
}

ProbeResult result_of_transfer(CURL* easy, CURLcode code, std::string_view text,
                               const config::Check& check) {
    const int error = error_of(easy);
    switch (code) {
        case CURLE_COULDNT_CONNECT:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            return error != 0 ? result_of_error(error) : failed(shorten_answer(text));
        case CURLE_OUT_OF_MEMORY:
            // libcurl also says so of a header line without an end.
            return has_begun_to_answer(easy) ? failed("header of the answer has a line without end")
                                             : not_checked("out of memory");
        case CURLE_SSL_CACERT_BADFILE:
            return not_checked(unreadable_certificates(check));
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CIPHER:
            return failed(tls_reason(text));
        case CURLE_GOT_NOTHING:
            return failed("connection closed without an answer");
        case CURLE_PARTIAL_FILE:
            return failed("connection closed within the answer");
        case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9, as any text without a status line would be
        case CURLE_WEIRD_SERVER_REPLY:
            return failed("answer is not HTTP");
        case CURLE_URL_MALFORMAT:
            return not_checked(
                fmt::format("host {} cannot be part of a URL", text::quote(check.host)));
        case CURLE_FAILED_INIT:
            return not_checked(curl_easy_strerror(code));
        default:
            return failed(shorten_answer(text.empty() ? curl_easy_strerror(code) : text));
    }
}

}  // namespace vipfwd::health
