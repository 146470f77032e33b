#include "exchange_streams.hpp"

#include "shard.hpp"

#include "../../http/limits.hpp"

#include <string>
#include <utility>

namespace sake::actors {

namespace {

using http::write_result;
using state = http::content_stream::state;

} // namespace

exchange_streams::exchange_streams(running_request& owner, http::response_port& port,
                                   caf::strong_actor_ptr keeper, std::uint64_t id,
                                   const http::request& asked, http::response& answer,
                                   std::shared_ptr<http::content_stream> content, int if_lost)
    : streams(asked, answer),
      owner_(owner),
      keeps_port_(std::move(keeper)),
      port_(port),
      id_(id),
      content_(std::move(content)),
      if_lost_(if_lost) {}

bool exchange_streams::is_here() const noexcept {
  return owner_.home().reactor().is_here();
}

// Calls `function` on the reactor, in the order of the calls.
template <class Function>
void exchange_streams::at_reactor(Function function) {
  owner_.home().reactor().post([self = shared_from_this(), keep = running_request::pointer{&owner_},
                                function = std::move(function)] { function(*self); });
}

void exchange_streams::call_off() noexcept {
  waiting_reader_ = {};
  waiting_writers_.clear();
  if (std::exchange(listens_, false))
    content_->on_readable({});
  held_.reset();
}

// -- the content of the request -----------------------------------------------------

bool exchange_streams::fetch() {
  if (content_ == nullptr)
    return streams::fetch();
  return is_here() && take_next();
}

bool exchange_streams::take_next() {
  if (piece_)
    return true; // left by a reader that was ended before it took the piece
  auto taken = content_->take(owner_.home().settings().limits.buffered_content_bytes);
  if (!taken.empty())
    piece_ = std::move(taken);
  return piece_.has_value() || content_->status() == state::complete;
}

void exchange_streams::await_piece(routing::waiter_ptr waiting) {
  if (!is_here()) {
    at_reactor([waiting](exchange_streams& self) { self.await_piece(waiting); });
  } else if (waiting->is_forgotten()) {
    return;
  } else if (take_next()) {
    owner_.resume_later(std::move(waiting));
  } else if (content_->status() == state::failed) {
    owner_.end_where_it_waits(if_lost_);
  } else {
    waiting_reader_ = std::move(waiting);
    listen();
  }
}

void exchange_streams::listen() {
  if (!std::exchange(listens_, true))
    content_->on_readable([this, keep = running_request::pointer{&owner_}] { content_came(); });
}

void exchange_streams::content_came() {
  if (!waiting_reader_ || waiting_reader_->is_forgotten())
    return;
  if (take_next())
    owner_.resume_later(std::move(waiting_reader_));
  else if (content_->status() == state::failed)
    owner_.end_where_it_waits(if_lost_);
}

// -- the content of the response ----------------------------------------------------

void exchange_streams::open(std::optional<std::uint64_t> length) {
  http::response head = answer();
  if (length)
    head.data().fields += "Content-Length: " + std::to_string(*length) + "\r\n";
  const auto begin = [head, has_length = length.has_value()](exchange_streams& self) {
    if (self.is_over_)
      return; // the request was cancelled first: the client gets another response
    self.has_begun_ = true;
    self.port_.begin_response(self.id_, head, has_length, self);
  };
  if (is_here())
    begin(*this);
  else
    at_reactor(begin);
}

bool exchange_streams::put(std::string_view octets) {
  if (is_here())
    return port_.write(id_, octets) == write_result::ok;
  at_reactor([octets = std::string{octets}](exchange_streams& self) {
    self.port_.write(self.id_, octets);
  });
  ahead_ += octets.size();
  return ahead_ < http::waiting_content_bytes && asked().method() != http::method::head;
}

void exchange_streams::await_room(routing::waiter_ptr waiting) {
  if (!is_here()) {
    ahead_ = 0;
    at_reactor([waiting](exchange_streams& self) { self.await_room(waiting); });
    return;
  }
  if (waiting->is_forgotten())
    return;
  switch (port_.write(id_, {})) {
    case write_result::ok:
      owner_.resume_later(std::move(waiting));
      break;
    case write_result::would_block:
      waiting_writers_.push_back(std::move(waiting));
      held_ = running_request::pointer{&owner_};
      break;
    case write_result::closed:
      owner_.end_where_it_waits(asked().method() == http::method::head ? 0 : http::client_gone);
      break;
  }
}

// In another turn: a client that reads as fast as its handler writes must not occupy the reactor.
void exchange_streams::on_room() noexcept {
  if (!held_)
    return;
  at_reactor([held = std::move(held_)](exchange_streams& self) {
    for (auto& each : std::exchange(self.waiting_writers_, {}))
      self.owner_.resume_later(std::move(each));
  });
}

// In another turn: the coroutine is about to wait.
void exchange_streams::end_waiter(routing::waiter_ptr waiting) {
  at_reactor([waiting](exchange_streams& self) {
    if (!waiting->is_forgotten())
      self.owner_.end_where_it_waits(0);
  });
}

void exchange_streams::end() {
  is_over_ = true;
  if (has_begun_)
    port_.end_response(id_);
}

void exchange_streams::cut(const http::response& instead) {
  is_over_ = true;
  if (has_begun_)
    port_.cut_response(id_, instead);
}

} // namespace sake::actors
