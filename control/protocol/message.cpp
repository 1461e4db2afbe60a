// SPDX-License-Identifier: Apache-2.0
#include "control/protocol/message.h"

#include <utility>

namespace vipfwd::protocol {
namespace {

constexpr std::string_view kBeforeResult = R"({"ok":true,"result":)";
constexpr std::string_view kAfterResult = "}";

Json parse(std::string_view line) {
    return Json::parse(line, nullptr, /*allow_exceptions=*/false);
}

std::string to_text(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<Request> parse_request(std::string_view line) {
    Json document = parse(line);
    if (!document.is_object())
        return Error{"a request is a JSON object on one line"};
    const auto command = document.find("command");
    if (command == document.end() || !command->is_string())
        return Error{"a request has a \"command\", which is a string"};
    Request request{.command = command->get<std::string>()};
    if (const auto arguments = document.find("arguments"); arguments != document.end()) {
        if (!arguments->is_object())
            return Error{"\"arguments\" is a JSON object"};
        request.arguments = std::move(*arguments);
    }
    return request;
}

Result<Response> parse_response(std::string_view line) {
    Json document = parse(line);
    if (!document.is_object())
        return Error{"a response is a JSON object on one line"};
    const auto ok = document.find("ok");
    if (ok == document.end() || !ok->is_boolean())
        return Error{"a response has \"ok\", which is a boolean"};
    if (ok->get<bool>()) {
        if (!document.contains("result"))
            return Error{"a response that is ok has a \"result\""};
        return Response::accept(std::move(document["result"]));
    }
    const auto error = document.find("error");
    if (error == document.end() || !error->is_string())
        return Error{"a response that is not ok has an \"error\", which is a string"};
    Response response = Response::reject(error->get<std::string>());
    if (const auto details = document.find("details"); details != document.end()) {
        for (const Json& detail : *details) {
            if (detail.is_string())
                response.details.push_back(detail.get<std::string>());
        }
    }
    return response;
}

std::string to_line(const Request& request) {
    return to_text({{"command", request.command}, {"arguments", request.arguments}}) + "\n";
}

Response Response::accept_text(std::string_view result) {
    Response response;
    response.line.reserve(kBeforeResult.size() + result.size() + kAfterResult.size() + 1);
    response.line.append(kBeforeResult).append(result).append(kAfterResult) += '\n';
    return response;
}

std::optional<std::string_view> find_result(std::string_view line) {
    if (!line.starts_with(kBeforeResult) || !line.ends_with(kAfterResult))
        return std::nullopt;
    line.remove_prefix(kBeforeResult.size());
    line.remove_suffix(kAfterResult.size());
    return line;
}

std::string to_line(Response response) {
    if (!response.line.empty())
        return std::move(response.line);
    if (response.ok)
        return to_line(Response::accept_text(to_text(response.result)));
    return to_text({{"ok", false}, {"error", response.error}, {"details", response.details}}) +
           "\n";
}

}  // namespace vipfwd::protocol
