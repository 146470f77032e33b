#include "memory_peer.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <stdexcept>
#include <utility>

namespace sake::testing {

using actors::io_result;
using owner = actors::transport::owner;

namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

void require(bool holds, const char* rule) {
  if (!holds)
    throw std::logic_error(rule);
}

} // namespace

/// The state shared by both ends.
struct memory_peer::link : std::enable_shared_from_this<link> {
  explicit link(ready_queue& events) : queue(events) {}

  [[nodiscard]] bool is_readable() const { return has_failed || has_finished || !sent.empty(); }
  [[nodiscard]] bool is_writable() const { return has_failed || room > 0; }

  // Completes the waits that have become ready.
  void notify() {
    if (has_failed)
      tell(&owner::on_peer_ended);
    else if (is_readable() && std::exchange(waits_readable, false))
      tell(&owner::on_readable);
    else if (has_finished)
      tell(&owner::on_peer_ended);
    if (is_writable() && std::exchange(waits_writable, false))
      tell(&owner::on_writable);
  }

  void tell(void (owner::*what)()) {
    queue.add([self = shared_from_this(), what] {
      if (!self->is_closed && !self->is_gone)
        (self->transport_owner->*what)();
    });
  }

  ready_queue& queue;
  owner* transport_owner = nullptr;
  std::string sent;
  std::string received;
  std::size_t room = no_limit;
  std::size_t read_size = no_limit;
  std::size_t in_transit = 0;
  std::size_t writes = 0;
  bool waits_readable = false;
  bool waits_writable = false;
  bool has_finished = false;
  bool has_failed = false;
  bool has_shut_down = false;
  bool is_closed = false;
  bool was_reset = false;
  /// The connection may end on another thread, where an actor that has its request lives.
  std::atomic<bool> is_gone = false;
};

/// The connection's end.
class memory_peer::transport final : public actors::transport {
public:
  explicit transport(std::shared_ptr<link> shared) : link_(std::move(shared)) {}
  ~transport() override {
    if (!link_->is_closed)
      link_->is_closed = true;
    link_->is_gone = true;
  }

  void attach(owner& o) noexcept override { link_->transport_owner = &o; }

  void wait_readable() override {
    require(!link_->is_closed, "a closed transport is not waited for");
    require(!std::exchange(link_->waits_readable, true), "one wait for input at a time");
    link_->notify();
  }

  void wait_writable() override {
    require(!link_->is_closed, "a closed transport is not waited for");
    require(!std::exchange(link_->waits_writable, true), "one wait for room at a time");
    link_->notify();
  }

  io_result read(char* to, std::size_t size) noexcept override {
    if (link_->has_failed)
      return {io_result::outcome::failed};
    if (link_->sent.empty())
      return {link_->has_finished ? io_result::outcome::closed
                                  : io_result::outcome::needs_readable};
    const std::size_t n = std::min({size, link_->read_size, link_->sent.size()});
    std::memcpy(to, link_->sent.data(), n);
    link_->sent.erase(0, n);
    return {io_result::outcome::done, n};
  }

  io_result write(const http::output& from) noexcept override {
    if (link_->has_failed)
      return {io_result::outcome::failed};
    ++link_->writes;
    if (link_->room == 0)
      return {io_result::outcome::needs_writable};
    const std::size_t size = std::min<std::uint64_t>(from.size(), link_->room);
    const std::size_t before = link_->received.size();
    try {
      link_->received.resize(before + size);
    } catch (const std::exception&) {
      return {io_result::outcome::failed};
    }
    const std::size_t taken = from.copy(link_->received.data() + before, size);
    link_->received.resize(before + taken);
    if (link_->room != no_limit)
      link_->room -= taken;
    return {taken == 0 ? io_result::outcome::incomplete : io_result::outcome::done, taken};
  }

  [[nodiscard]] peer peer_state() const noexcept override {
    if (link_->has_failed)
      return peer::gone;
    return link_->has_finished && link_->sent.empty() ? peer::finished : peer::open;
  }

  [[nodiscard]] std::size_t in_transit() const noexcept override { return link_->in_transit; }

  io_result end_output(then next) noexcept override {
    link_->has_shut_down = link_->has_shut_down || next == then::read;
    return {};
  }

  void close() noexcept override { link_->is_closed = true; }

  void reset() noexcept override {
    link_->was_reset = true;
    close();
  }

private:
  std::shared_ptr<link> link_;
};

memory_peer::memory_peer(ready_queue& queue) : link_(std::make_shared<link>(queue)) {}

std::unique_ptr<actors::transport> memory_peer::make_transport() {
  return std::make_unique<transport>(link_);
}

// -- actions of the peer ------------------------------------------------------------

void memory_peer::send(std::string_view octets) {
  link_->sent += octets;
  link_->notify();
}

void memory_peer::finish() {
  link_->has_finished = true;
  link_->notify();
}

void memory_peer::reset() {
  link_->has_failed = true;
  link_->notify();
}

void memory_peer::accept(std::size_t octets) {
  link_->room = octets;
  link_->notify();
}

void memory_peer::set_in_transit(std::size_t octets) {
  link_->in_transit = octets;
}

void memory_peer::cut_reads(std::size_t octets) {
  link_->read_size = octets;
}

std::string memory_peer::take() {
  return std::exchange(link_->received, {});
}

// -- state of the connection --------------------------------------------------------

std::size_t memory_peer::write_count() const {
  return link_->writes;
}

std::size_t memory_peer::untaken() const {
  return link_->received.size();
}

std::size_t memory_peer::unread() const {
  return link_->sent.size();
}

bool memory_peer::awaits_input() const {
  return link_->waits_readable;
}

bool memory_peer::awaits_room() const {
  return link_->waits_writable;
}

bool memory_peer::has_shut_down() const {
  return link_->has_shut_down;
}

bool memory_peer::is_closed() const {
  return link_->is_closed;
}

bool memory_peer::was_reset() const {
  return link_->was_reset;
}

bool memory_peer::is_gone() const {
  return link_->is_gone;
}

} // namespace sake::testing
