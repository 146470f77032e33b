#include "fitful_transport.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace sake::test {

using actors::io_result;
using outcome = actors::io_result::outcome;

namespace {
// Octets that the transport takes before they have gone out.
constexpr std::size_t max_held = 300;
} // namespace

fitful_transport::fitful_transport(std::unique_ptr<actors::transport> below,
                                   testing::ready_queue& queue, std::shared_ptr<fitful_state> state,
                                   std::uint32_t seed)
    : below_(std::move(below)), queue_(queue), state_(std::move(state)), random_(seed) {
  state_->has_shaken_hands = !state_->has_handshake;
}

fitful_transport::~fitful_transport() = default;

void fitful_transport::attach(owner& o) noexcept {
  owner_ = &o;
  below_->attach(*this);
}

bool fitful_transport::strikes() {
  return random_() % 8 < state_->fitfulness;
}

std::size_t fitful_transport::some(std::size_t most) {
  return strikes() ? 1 + random_() % most : most;
}

// Makes the owner wait for no reason: an attempt may succeed at once.
io_result fitful_transport::put_off() {
  is_put_off_ = true;
  end_waits();
  return {random_() % 2 == 0 ? outcome::needs_readable : outcome::needs_writable};
}

// -- waits ----------------------------------------------------------------------------

void fitful_transport::tell_later(void (owner::*what)()) {
  queue_.add([this, what, alive = std::weak_ptr{alive_}] {
    if (!alive.expired() && !state_->is_closed)
      (owner_->*what)();
  });
}

void fitful_transport::wait_readable() {
  owner_waits_readable_ = true;
  end_waits();
  if (owner_waits_readable_)
    wait_below_readable();
}

void fitful_transport::wait_writable() {
  owner_waits_writable_ = true;
  end_waits();
  if (owner_waits_writable_)
    wait_below_writable();
}

// Ends the waits whose attempt may succeed without the transport below.
void fitful_transport::end_waits() {
  const bool has_input = state_->has_shaken_hands && !pending_.empty();
  if ((is_put_off_ || has_input) && std::exchange(owner_waits_readable_, false)) {
    is_put_off_ = false;
    tell_later(&owner::on_readable);
  }
  if (is_put_off_ && std::exchange(owner_waits_writable_, false)) {
    is_put_off_ = false;
    tell_later(&owner::on_writable);
  }
}

void fitful_transport::wait_below_readable() {
  if (!std::exchange(waits_readable_, true))
    below_->wait_readable();
}

void fitful_transport::wait_below_writable() {
  if (!std::exchange(waits_writable_, true))
    below_->wait_writable();
}

void fitful_transport::on_readable() {
  waits_readable_ = false;
  if (std::exchange(owner_waits_readable_, false))
    owner_->on_readable();
}

void fitful_transport::on_writable() {
  waits_writable_ = false;
  const auto flushed = flush_held();
  if (flushed.what == outcome::needs_writable)
    wait_below_writable();
  if (std::exchange(owner_waits_writable_, false))
    owner_->on_writable();
}

void fitful_transport::on_peer_ended() {
  owner_->on_peer_ended();
}

// -- the handshake --------------------------------------------------------------------

io_result fitful_transport::handshake() noexcept {
  if (state_->has_shaken_hands)
    return {};
  if (strikes())
    return put_off();
  while (pending_.size() < hello.size())
    if (const auto got = fill(); got.what != outcome::done)
      return got;
  if (!pending_.starts_with(hello))
    return {outcome::failed};
  if (!std::exchange(has_welcomed_, true))
    held_.append(welcome);
  if (const auto flushed = flush_held(); flushed.what != outcome::done)
    return flushed;
  pending_.erase(0, hello.size());
  state_->has_shaken_hands = true;
  return {};
}

std::shared_ptr<const http::transport_facts> fitful_transport::facts() const {
  if (!state_->has_handshake)
    return nullptr;
  return std::make_shared<const http::transport_facts>(http::transport_facts{
      .version = "fitful", .server_name = {}, .peer_name = state_->peer_name});
}

// -- octets ---------------------------------------------------------------------------

// Reads more below.
io_result fitful_transport::fill() {
  std::array<char, 64> octets;
  const auto got = below_->read(octets.data(), some(octets.size()));
  if (got.what == outcome::done)
    pending_.append(octets.data(), got.octets);
  return got;
}

io_result fitful_transport::flush_held() {
  while (!held_.empty()) {
    const auto sent = below_->write(held_);
    if (sent.what != outcome::done)
      return sent;
    held_.consume(sent.octets);
  }
  return {};
}

io_result fitful_transport::read(char* to, std::size_t size) noexcept {
  if (strikes())
    return put_off();
  if (pending_.empty())
    if (const auto got = fill(); got.what != outcome::done)
      return got;
  const std::size_t n = some(std::min(size, pending_.size()));
  std::memcpy(to, pending_.data(), n);
  pending_.erase(0, n);
  end_waits();
  return {outcome::done, n};
}

io_result fitful_transport::write(const http::output& from) noexcept {
  if (strikes())
    return put_off();
  if (held_.size() >= max_held) {
    if (const auto flushed = flush_held(); flushed.what != outcome::done)
      return flushed;
  }
  std::string octets(some(std::min<std::uint64_t>(from.size(), max_held)), '\0');
  octets.resize(from.copy(octets.data(), octets.size()));
  if (octets.empty())
    return {outcome::incomplete};
  held_.append(octets);
  wait_below_writable();
  return {outcome::done, octets.size()};
}

actors::transport::peer fitful_transport::peer_state() const noexcept {
  const auto below = below_->peer_state();
  return below == peer::finished && !pending_.empty() ? peer::open : below;
}

std::size_t fitful_transport::in_transit() const noexcept {
  return held_.size() + below_->in_transit();
}

// -- the end --------------------------------------------------------------------------

io_result fitful_transport::end_output(then next) noexcept {
  if (const auto flushed = flush_held(); flushed.what != outcome::done)
    return flushed;
  if (state_->end_steps-- > 0)
    return put_off();
  state_->has_ended_output = true;
  return below_->end_output(next);
}

void fitful_transport::close() noexcept {
  state_->is_closed = true;
  below_->close();
}

void fitful_transport::reset() noexcept {
  state_->is_closed = true;
  below_->reset();
}

} // namespace sake::test
