#include "simulated_client.hpp"

#include <iterator>

namespace sake::testing {

namespace {

// The most octets that a slow client accepts at a time.
constexpr std::uint64_t slow_octets = 200;

} // namespace

simulated_client::simulated_client(world& own, std::size_t number)
    : world_(own), number_(number), max_ahead_(1 + own.below(4)), reads_slowly_(own.chance(25)) {}

simulated_client& simulated_client::ask(const request& what, expectation expected) {
  questions_.push_back({what.title(), what.octets(), what.method() == "HEAD", std::move(expected)});
  return *this;
}

simulated_client& simulated_client::ask(const request& what, const matcher& expected) {
  return ask(what, [expected](const response& got) { return matches(got, expected); });
}

simulated_client& simulated_client::may_leave() noexcept {
  may_leave_ = true;
  return *this;
}

// -- actions ----------------------------------------------------------------------------

bool simulated_client::can_connect() const {
  return !peer_ && !questions_.empty();
}

bool simulated_client::can_begin() const {
  return peer_ && unsent_.empty() && !questions_.empty() && asked_.size() < max_ahead_
         && !end_announced_;
}

bool simulated_client::is_ready() const {
  if (has_left_)
    return false;
  if (!peer_)
    return can_connect();
  return !unsent_.empty() || can_begin() || peer_->untaken() > 0 || peer_->is_closed()
         || peer_->awaits_room();
}

void simulated_client::act() {
  if (!peer_) {
    connect();
  } else if (may_leave_ && world_.chance(3)) {
    world_.note(number_, "leaves");
    has_left_ = true;
    world_.chance(50) ? peer_->reset() : peer_->finish();
  } else if (peer_->untaken() > 0 && world_.chance(50)) {
    take();
  } else if (peer_->awaits_room() && world_.chance(50)) {
    peer_->accept(1 + world_.below(slow_octets));
  } else if (peer_->is_closed()) {
    connection_closed();
  } else if (!unsent_.empty()) {
    send_some();
  } else if (can_begin()) {
    begin_next();
  }
}

void simulated_client::connect() {
  world_.note(number_, "connects");
  peer_ = world_.connect();
  reader_ = {};
  end_announced_ = false;
  if (reads_slowly_)
    peer_->accept(world_.below(slow_octets));
}

void simulated_client::begin_next() {
  asked_.push_back(std::move(questions_.front()));
  questions_.pop_front();
  unsent_ = asked_.back().octets;
}

void simulated_client::send_some() {
  const auto size = world_.chance(50) ? unsent_.size() : 1 + world_.below(unsent_.size());
  world_.note(number_, unsent_.substr(0, size));
  peer_->send(unsent_.substr(0, size));
  unsent_.erase(0, size);
}

// -- responses ----------------------------------------------------------------------------

void simulated_client::take() {
  const auto octets = peer_->take();
  world_.note(number_, octets);
  reader_.append(octets);
  while (const auto got = reader_.next(!asked_.empty() && asked_.front().to_head))
    take_response(*got);
}

void simulated_client::take_response(const response& got) {
  if (asked_.empty()) {
    world_.require(false,
                   "client " + std::to_string(number_) + ": a response came that nobody asked for");
    return;
  }
  const auto answered = std::move(asked_.front());
  asked_.pop_front();
  end_announced_ = got.header("Connection") == "close";
  if (const auto held = answered.expected(got); !held)
    world_.require(false, "client " + std::to_string(number_) + ": " + answered.title + ": "
                              + held.why_not());
}

// A server may close a connection after a response that says so: requests sent after it are sent
// again. It may also close a connection without open requests.
void simulated_client::connection_closed() {
  if (peer_->untaken() > 0) {
    take();
    return;
  }
  if (!asked_.empty() && !end_announced_)
    world_.require(false, "client " + std::to_string(number_) + ": the connection was closed; "
                              + unanswered());
  else
    questions_.insert(questions_.begin(), std::make_move_iterator(asked_.begin()),
                      std::make_move_iterator(asked_.end()));
  asked_.clear();
  unsent_.clear();
  world_.forget(std::move(*peer_));
  peer_.reset();
}

void simulated_client::hang_up() {
  if (peer_)
    peer_->finish();
}

std::string simulated_client::unanswered() const {
  std::string titles;
  if (!has_left_)
    for (const auto* list : {&asked_, &questions_})
      for (const auto& each : *list)
        titles += (titles.empty() ? "unanswered: " : ", ") + each.title;
  return titles;
}

} // namespace sake::testing
