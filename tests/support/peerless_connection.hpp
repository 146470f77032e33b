// The connection that an http1_protocol is spoken on, without a peer.
#pragma once

#include <sake/http/http1_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sake::test {

/// The other side of the seam: notes what it is told.
struct peerless_connection : http::http1_protocol::connection {
  virtual ~peerless_connection() = default;
  explicit peerless_connection(http::settings chosen = {}) : config(std::move(chosen)) {
    protocol = std::make_unique<http::http1_protocol>(*this, config, memo);
    protocol->start();
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
  void on_refusal(const http::refusal& why) override { refused = &why; }
  void on_progress() override { ++progress; }
  http::time_point now() const noexcept override { return time; }

  /// What goes out now.
  std::string sent() {
    http::buffer out;
    protocol->encode(out, {});
    return std::string{out.view()};
  }

  http::settings config;
  http::head_memo memo;
  http::time_point time{std::chrono::hours{1}};
  std::vector<std::uint64_t> ids;
  std::vector<http::request> requests;
  const http::refusal* refused = nullptr;
  int progress = 0;
  /// What the route of every request says.
  bool streams = false;
  std::optional<std::uint64_t> most;
  bool answers_at_once = false;
  bool leaves_at_once = false;
  std::unique_ptr<http::http1_protocol> protocol;
};

} // namespace sake::test
