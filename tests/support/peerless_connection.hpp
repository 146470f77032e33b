// A connection for http1_protocol without a peer.
#pragma once

#include "octets_of.hpp"
#include "settings_with.hpp"

#include <sake/http/http1/http1_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sake::test {

/// Receives the events of the protocol, and records them.
struct peerless_connection : http::protocol_events {
  virtual ~peerless_connection() = default;
  explicit peerless_connection(http::settings chosen = {}) : config(std::move(chosen)) {
    protocol = std::make_unique<http::http1_protocol>(*this, config, cache, time);
  }

  http::content_rules rules_for(http::request&) override {
    return {most.value_or(config.limits.content_bytes), streams};
  }
  void on_request(std::uint64_t id, http::request message) override {
    ids.push_back(id);
    requests.push_back(std::move(message));
    if (answers_at_once)
      protocol->respond(id, http::response::text(200, requests.back().path()));
    if (leaves_at_once)
      protocol->abandon();
  }
  void on_refusal(const http::refusal& why, http::request*) override { refused = &why; }
  void on_progress() override { ++progress; }
  http::time_point now() const noexcept override { return time; }

  /// The output that is ready now.
  std::string sent() {
    http::output out;
    protocol->encode(out, {});
    return octets_of(out);
  }

  http::settings config;
  http::head_cache cache;
  http::time_point time{std::chrono::hours{1}};
  std::vector<std::uint64_t> ids;
  std::vector<http::request> requests;
  const http::refusal* refused = nullptr;
  int progress = 0;
  /// Whether the routes of all requests stream their content.
  bool streams = false;
  std::optional<std::uint64_t> most;
  bool answers_at_once = false;
  bool leaves_at_once = false;
  std::unique_ptr<http::http1_protocol> protocol;
};

} // namespace sake::test
