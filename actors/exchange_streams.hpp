// Content in pieces between an exchange and its connection.
#pragma once

#include <sake/actors/connection.hpp>
#include <sake/actors/exchange.hpp>
#include <sake/http/content_stream.hpp>
#include <sake/http/slot_queue.hpp>
#include <sake/routing/streams.hpp>

#include <caf/message_id.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace sake::actors {

/// Content in pieces between an exchange and its connection. The content stream and the connection
/// belong to the reactor: a handler on the pool reads by a trip there, and its writes are sent
/// there, so many octets ahead as may wait for the peer.
class exchange_streams final : public routing::streams,
                               private http::answering,
                               public std::enable_shared_from_this<exchange_streams> {
public:
  /// @param content  null: it came whole
  exchange_streams(exchange& owner, connection& client, caf::message_id id,
                   const http::request& asked, http::response& answer,
                   std::shared_ptr<http::content_stream> content);

  bool fetch() override;
  void await_room(routing::waiter_ptr waiting) override;
  void end_waiter(routing::waiter_ptr waiting) override;
  void end() override;
  void cut(const http::response& instead) override;
  [[nodiscard]] bool is_sent() const noexcept override { return true; }
  void call_off() noexcept override;

private:
  void await_piece(routing::waiter_ptr waiting) override;
  void open(std::optional<std::uint64_t> length) override;
  bool put(std::string_view octets) override;
  void cancel(int status) noexcept override { exchange_.cancel(status); }
  void on_room() noexcept override;

  [[nodiscard]] bool is_here() const noexcept;
  template <class Function>
  void at_home(Function function);
  bool take_next();
  void content_came();
  void listen();

  exchange& exchange_;
  caf::strong_actor_ptr keeps_client_;
  connection& client_;
  caf::message_id id_;
  std::shared_ptr<http::content_stream> content_;
  bool listens_ = false;
  routing::waiter_ptr waiting_reader_;
  std::vector<routing::waiter_ptr> waiting_writers_;
  /// Keeps the exchange while writers wait for room.
  exchange::pointer held_;
  /// Octets that the pool has sent to the reactor since it last asked for room.
  std::size_t ahead_ = 0;
};

} // namespace sake::actors
