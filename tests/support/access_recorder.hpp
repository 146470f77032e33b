// Keeps what an access observer is told.
#pragma once

#include <sake/http/access.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sake::test {

/// A record with texts of its own.
struct told_response {
  explicit told_response(const http::access_record& of)
      : request_id(of.request_id),
        peer(of.peer.to_string()),
        request(std::string{of.method} + ' ' + std::string{of.target} + ' '
                + std::string{of.protocol}),
        route_name(of.route_name),
        route_pattern(of.route_pattern),
        status(of.status),
        outcome(of.outcome),
        received(of.received),
        sent(of.sent),
        until_response(of.until_response),
        until_end(of.until_end) {}

  /// "GET /hello/you HTTP/1.1 200 sent".
  [[nodiscard]] std::string line() const {
    return request + ' ' + std::to_string(status) + ' ' + std::string{to_string(outcome)};
  }

  std::string request_id;
  std::string peer;
  /// "GET /hello/you HTTP/1.1".
  std::string request;
  std::string route_name;
  std::string route_pattern;
  int status;
  http::access_outcome outcome;
  std::uint64_t received;
  std::uint64_t sent;
  std::chrono::nanoseconds until_response;
  std::chrono::nanoseconds until_end;
};

/// Adds each record to a list.
class access_recorder final : public http::access_observer {
public:
  explicit access_recorder(std::vector<told_response>& to) : to_(to) {}
  void on_response(const http::access_record& record) noexcept override {
    to_.emplace_back(record);
  }

private:
  std::vector<told_response>& to_;
};

/// A factory of recorders with one list, for reactors on one thread.
inline std::function<std::unique_ptr<http::access_observer>(std::size_t)> recording(
    std::vector<told_response>& to) {
  return [&to](std::size_t) { return std::make_unique<access_recorder>(to); };
}

} // namespace sake::test
