// The content streams of an exchange.
#pragma once

#include "../../http/content_stream.hpp"
#include "../../http/response_port.hpp"
#include "../../routing/streams.hpp"
#include "running_request.hpp"

#include <caf/actor_control_block.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace sake::actors {

/// Passes content in pieces between an exchange and its client. The content stream and the client
/// belong to the reactor: a handler on the pool travels there to read, and sends its
/// writes there, as many octets ahead as may wait for the peer.
class exchange_streams final : public routing::streams,
                               private http::response_observer,
                               public std::enable_shared_from_this<exchange_streams> {
public:
  /// @param client   takes the response to the request with this `id`
  /// @param keeper   keeps `client` alive
  /// @param content  null: the content is in the request
  /// @param if_lost  the status of a response that has not begun when `content` fails
  exchange_streams(running_request& owner, http::response_port& port, caf::strong_actor_ptr keeper,
                   std::uint64_t id, const http::request& asked, http::response& answer,
                   std::shared_ptr<http::content_stream> content, int if_lost);

  bool fetch() override;
  void await_room(routing::waiter_ptr waiting) override;
  void end_waiter(routing::waiter_ptr waiting) override;
  void end() override;
  void cut(const http::response& instead) override;
  [[nodiscard]] bool is_sent() const noexcept override { return has_begun_; }
  void call_off() noexcept override;

private:
  void await_piece(routing::waiter_ptr waiting) override;
  void open(std::optional<std::uint64_t> length) override;
  bool put(std::string_view octets) override;
  void cancel(int status) noexcept override { owner_.cancel(status); }
  void on_room() noexcept override;

  [[nodiscard]] bool is_here() const noexcept;
  template <class Function>
  void at_reactor(Function function);
  bool take_next();
  void content_came();
  void listen();

  running_request& owner_;
  caf::strong_actor_ptr keeps_port_;
  http::response_port& port_;
  std::uint64_t id_;
  std::shared_ptr<http::content_stream> content_;
  const int if_lost_;
  bool listens_ = false;
  /// The head of the response has gone to the client, or the response has ended before that: a
  /// handler on the pool begins and ends it by posts. Written on the reactor.
  bool has_begun_ = false;
  bool is_over_ = false;
  routing::waiter_ptr waiting_reader_;
  std::vector<routing::waiter_ptr> waiting_writers_;
  /// Keeps the exchange alive while writers wait for room.
  running_request::pointer held_;
  /// Octets that the pool has sent to the reactor since it last waited for room.
  std::size_t ahead_ = 0;
};

} // namespace sake::actors
