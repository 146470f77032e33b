// Writes the output of one connection.
#pragma once

#include "../../http/output.hpp"
#include "../../http/settings.hpp"
#include "../reactor/reactor.hpp"
#include "transport.hpp"

#include <cstddef>
#include <memory>

namespace sake::actors {

/// Writes the output of one connection to its transport, and keeps the rest until the peer has
/// room. The output of a turn is the reactor's, which all its connections share one after the
/// other; only a rest is the connection's own. Belongs to one reactor.
class output_writer {
public:
  /// All arguments must outlive the writer.
  output_writer(reactor& home, transport& to, const http::settings& config) noexcept;
  output_writer(const output_writer&) = delete;
  output_writer& operator=(const output_writer&) = delete;
  ~output_writer();

  /// Whether there is a rest.
  [[nodiscard]] bool is_blocked() const noexcept {
    return rest_ != nullptr && !rest_->octets.empty();
  }
  /// Returns the output to append to: the rest, or the reactor's output.
  [[nodiscard]] http::output& target() noexcept {
    return is_blocked() ? rest_->octets : home_.output();
  }

  /// Writes what the transport takes now, with a single attempt. What it does not take of the
  /// reactor's output becomes the rest, and the deadline of the peer begins.
  /// @returns the result of the attempt; `done` without octets if there is no output. If it failed,
  ///          the output is dropped
  io_result write();
  /// Drops all output.
  void drop() noexcept;
  /// Gives memory back if there is no rest.
  void release() noexcept;

  /// Returns when the peer must have read its share of the rest: `deadlines::write`.
  [[nodiscard]] time_point due() const noexcept { return is_blocked() ? due_ : time_point::max(); }
  /// The deadline has passed: begins another one if the peer has read at least as much as the
  /// slowest reader that is served.
  /// @returns whether it has
  [[nodiscard]] bool renew() noexcept;

private:
  struct rest {
    http::output octets;
    /// Octets in transit when the deadline was set, and octets written since.
    std::size_t in_transit = 0;
    std::size_t written = 0;
    rest* next_free = nullptr;
  };

  io_result write_rest();
  void keep(http::output& out);
  io_result attempt(http::output& out) noexcept;
  void set_deadline() noexcept;
  rest& own_rest();

  reactor& home_;
  transport& transport_;
  const http::settings& settings_;
  std::unique_ptr<rest> rest_;
  time_point due_ = time_point::max();
};

} // namespace sake::actors
