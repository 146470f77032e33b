// A transport that cuts and delays octets at random.
#pragma once

#include <sake/actors/connection/transport.hpp>
#include <sake/testing/ready_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace sake::test {

/// What a fitful transport does, and what has become of it.
struct fitful_state {
  /// How many attempts of 8 fail for no reason, or have to wait for the other direction.
  std::uint32_t fitfulness = 3;
  /// Whether there is a handshake: the peer sends `hello` and gets `welcome`.
  bool has_handshake = true;
  /// What the handshake agrees on.
  std::string agreed;
  std::string peer_name;
  /// Attempts that the end of the output takes.
  int end_steps = 2;

  bool has_shaken_hands = false;
  bool has_ended_output = false;
  bool is_closed = false;
};

/// Over another transport, does what a secure one may do: has a handshake, reads and writes fewer
/// octets than it could, holds octets of both directions, sends its own by itself, makes reads wait
/// for room and writes wait for input, and takes time over its end.
class fitful_transport final : public actors::transport, private actors::transport::owner {
public:
  using owner = actors::transport::owner;

  static constexpr std::string_view hello = "hello;";
  static constexpr std::string_view welcome = "welcome;";

  /// @param queue  delivers the events; must outlive the transport
  fitful_transport(std::unique_ptr<actors::transport> below, testing::ready_queue& queue,
                   std::shared_ptr<fitful_state> state, std::uint32_t seed);
  ~fitful_transport() override;

  void attach(owner& o) noexcept override;
  void wait_readable() override;
  void wait_writable() override;
  actors::io_result handshake() noexcept override;
  [[nodiscard]] std::string_view agreed() const noexcept override { return state_->agreed; }
  [[nodiscard]] std::shared_ptr<const http::transport_facts> facts() const override;
  actors::io_result read(char* to, std::size_t size) noexcept override;
  actors::io_result write(const http::output& from) noexcept override;
  [[nodiscard]] peer peer_state() const noexcept override;
  [[nodiscard]] std::size_t in_transit() const noexcept override;
  actors::io_result end_output(then next) noexcept override;
  void close() noexcept override;
  void reset() noexcept override;

private:
  void on_readable() override;
  void on_writable() override;
  void on_peer_ended() override;
  [[nodiscard]] bool strikes();
  [[nodiscard]] std::size_t some(std::size_t most);
  [[nodiscard]] actors::io_result put_off();
  void end_waits();
  void tell_later(void (owner::*what)());
  void wait_below_readable();
  void wait_below_writable();
  actors::io_result fill();
  actors::io_result flush_held();

  std::unique_ptr<actors::transport> below_;
  testing::ready_queue& queue_;
  std::shared_ptr<fitful_state> state_;
  std::mt19937 random_;
  owner* owner_ = nullptr;
  /// Octets that were read below, and octets that were not written yet.
  std::string pending_;
  http::output held_;
  /// Waits of the owner, and of this transport below.
  bool owner_waits_readable_ = false;
  bool owner_waits_writable_ = false;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool has_welcomed_ = false;
  /// The last attempt was put off for no reason.
  bool is_put_off_ = false;
  /// Destroyed with the transport.
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

} // namespace sake::test
