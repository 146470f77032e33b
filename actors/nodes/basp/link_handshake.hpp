// From a connection to a link: TCP, TLS, and the introductions.
#pragma once

#include "../../reactor/deadline_wheel.hpp"
#include "../../reactor/reactor.hpp"
#include "../network.hpp"
#include "../node_address.hpp"
#include "introduction_frame.hpp"
#include "link_channel.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;

namespace sake::actors::nodes {

/// One attempt to become a link: connects where it dials, shakes hands by TLS, and exchanges
/// introductions, before CAF sees an octet. Ends within 3 s, a connection within 1 s. Belongs to
/// the reactor's thread.
class link_handshake final : private reactor::io_handler, private deadline {
public:
  static constexpr std::chrono::milliseconds connect_limit{1000};
  static constexpr std::chrono::milliseconds time_limit{3000};

  /// Hears how a handshake goes on. One of `on_done` and `on_failed` is called, once and last, and
  /// may destroy the handshake.
  class events {
  public:
    /// The other node has introduced itself.
    [[nodiscard]] virtual verdict judge(std::string_view introduction) = 0;
    /// How this node introduces itself.
    [[nodiscard]] virtual std::string introduce() = 0;
    virtual void on_done(std::unique_ptr<link_channel> channel,
                         std::shared_ptr<link_owner> owner) = 0;
    /// @param admitted  the owner that `judge` has admitted, or null
    /// @param is_refused  the other node has said why
    virtual void on_failed(std::string reason, const std::shared_ptr<link_owner>& admitted,
                           bool is_refused) = 0;

  protected:
    ~events() = default;
  };

  /// Both must outlive the handshake.
  link_handshake(reactor& home, events& of) noexcept : reactor_(home), events_(of) {}
  ~link_handshake() override;

  /// Connects to `to`. Calls nothing at once.
  /// @param context  null: without TLS
  void dial(const node_address& to, ssl_ctx_st* context);
  /// Takes over an accepted socket. Calls nothing at once.
  void accept(int accepted, ssl_ctx_st* context);
  /// Fails in the next turn.
  void fail_later(std::string reason);

private:
  enum class step : std::uint8_t { connecting, securing, sending, receiving, lingering };

  void on_events(std::uint32_t reported) override;
  void expired(time_point now) override;
  void watch(std::unique_ptr<link_channel> channel);
  void advance();
  [[nodiscard]] link_io::outcome take_step();
  [[nodiscard]] link_io::outcome connect();
  [[nodiscard]] link_io::outcome send();
  [[nodiscard]] link_io::outcome receive();
  [[nodiscard]] link_io::outcome discard() noexcept;
  [[nodiscard]] bool begin_lingering();
  [[nodiscard]] bool begin_next_step();
  void begin_sending(introduction_kind kind, std::string_view content);
  [[nodiscard]] bool judge();
  void finish_or_fail(std::string reason);
  void fail(std::string reason);
  [[nodiscard]] std::string failure() const;
  std::unique_ptr<link_channel> let_go() noexcept;

  reactor& reactor_;
  events& events_;
  link_side side_ = link_side::dialled;
  step step_ = step::connecting;
  std::unique_ptr<link_channel> channel_;
  time_point give_up_;
  std::string output_;
  std::size_t sent_ = 0;
  introduction_reader input_;
  std::size_t discarded_ = 0;
  std::shared_ptr<link_owner> owner_;
  /// Set once it is known that the attempt fails.
  std::string problem_;
  bool is_refused_ = false;
};

} // namespace sake::actors::nodes
