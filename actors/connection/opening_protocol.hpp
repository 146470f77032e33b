// The protocol of a connection that has none yet.
#pragma once

#include "../../http/protocol.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace sake::actors {

/// Stands in for the protocol of a connection that has not chosen one: during the handshake, and
/// until its first octets tell. Takes no octets, and has nothing to answer.
class opening_protocol final : public http::protocol {
public:
  /// @param events  tells the time; must outlive this object
  /// @param due  when the connection closes
  opening_protocol(const http::protocol_events& events, http::time_point due) noexcept
      : events_(events), due_(due) {}

  std::string_view receive(std::string_view input) override { return input; }
  [[nodiscard]] after_input finish_input() override {
    is_over_ = true;
    return after_input::responses;
  }
  http::protocol_state encode(http::output&, std::string_view) override { return state(); }
  void refuse(const http::refusal&) override { is_over_ = true; }
  [[nodiscard]] http::protocol_state state() const noexcept override {
    return http::protocol_state{
        {.accepts_input = !is_over_, .is_idle = true, .is_fresh = !is_over_, .is_over = is_over_}};
  }
  void drain() noexcept override {
    due_ = std::min(due_, http::time_after(events_.now(), http::fresh_grace));
  }
  http::time_point rest() override { return due_; }
  void abandon() override { is_over_ = true; }
  [[nodiscard]] ending how_to_end() const noexcept override { return ending::close; }
  [[nodiscard]] http::time_point due(bool) noexcept override { return due_; }
  expiry expire(http::time_point) override { return expiry::idle; }

  void respond(std::uint64_t, http::response&&) override {}
  void begin_response(std::uint64_t, http::response, bool, http::response_observer&) override {}
  http::write_result write(std::uint64_t, std::string_view) override {
    return http::write_result::closed;
  }
  void end_response(std::uint64_t) override {}
  void cut_response(std::uint64_t, http::response) override {}
  void observe(std::uint64_t, http::response_observer*) noexcept override {}
  void limit_time(std::uint64_t, std::chrono::milliseconds) noexcept override {}

private:
  const http::protocol_events& events_;
  http::time_point due_;
  bool is_over_ = false;
};

} // namespace sake::actors
