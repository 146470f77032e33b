#include "streams.hpp"

#include <stdexcept>
#include <utility>

namespace sake::routing {

namespace {

// Without a connection, the response is one message.
constexpr std::size_t collected_limit = 16 * 1024 * 1024;

} // namespace

streams::~streams() = default;

// -- the content of the request -----------------------------------------------------

bool streams::fetch() {
  if (!std::exchange(has_read_whole_, true) && !asked_->content().empty())
    piece_ = asked_->content();
  return true;
}

void streams::await_content(waiter_ptr waiting) {
  reader_ = waiting;
  await_piece(std::move(waiting));
}

void streams::await_piece(waiter_ptr) {}

std::optional<std::string> streams::take() noexcept {
  reader_ = {};
  return std::exchange(piece_, std::nullopt);
}

// -- the content of the response ----------------------------------------------------

void streams::begin(std::optional<std::uint64_t> length) {
  left_ = length;
  open(length);
}

bool streams::write(std::string_view octets) {
  if (is_closed_)
    throw std::logic_error("the response stream has ended with the handler that began it");
  if (left_) {
    if (octets.size() > *left_)
      throw std::length_error("more content than the announced length of the response");
    *left_ -= octets.size();
  }
  return put(octets);
}

void streams::open(std::optional<std::uint64_t>) {}

bool streams::put(std::string_view octets) {
  auto& content = answer_->data().content;
  if (octets.size() > collected_limit - content.size())
    throw std::length_error("a streamed response is too large for one message");
  content += octets;
  return true;
}

void streams::await_room(waiter_ptr) {}

void streams::end_waiter(waiter_ptr) {}

void streams::end() {}

void streams::cut(const http::response&) {}

} // namespace sake::routing
