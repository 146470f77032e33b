#include "reactor_thread.hpp"

#include "../actors/reactor/cores.hpp"
#include "../actors/reactor/detail/descriptor.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <pthread.h>
#include <signal.h>

namespace sake {

namespace {

// Open connections of a thread up to which it gives new ones away.
constexpr std::size_t few_connections = 64;

// A thread may give away one connection in each interval; some more after a pause.
constexpr std::chrono::milliseconds gift_interval{10};

// sendfile(2) has no MSG_NOSIGNAL, and the program may choose the action of SIGPIPE at any time.
void block_broken_pipe() noexcept {
  sigset_t broken_pipe;
  ::sigemptyset(&broken_pipe);
  ::sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
}

} // namespace

reactor_thread::reactor_thread(std::deque<reactor_thread>& all, actors::shard& shard,
                               listening_socket socket, actors::connection_limit& limit,
                               const actors::transport_factory& transports)
    : all_(all),
      shard_(shard),
      listener_(std::make_unique<listener>(shard, socket, limit, transports)) {
  listener_->start(
      [this](int accepted, const http::peer& peer) { return give_away(accepted, peer); });
}

void reactor_thread::start(const std::vector<std::size_t>& cores) {
  thread_ = std::thread{[this, cores] { run(cores); }};
}

void reactor_thread::run(const std::vector<std::size_t>& cores) {
  const auto index = std::to_string(shard_.reactor().index());
  pthread_setname_np(pthread_self(), ("sake-reactor-" + index).substr(0, 15).c_str());
  block_broken_pipe();
  if (!cores.empty())
    actors::keep_on(cores, "reactor " + index);
  shard_.reactor().run();
  // A worker may still have a request; its client must not wait past the drain deadline.
  listener_.reset();
  shard_.disconnect();
  ended_.set_value();
}

// -- connections that another thread serves ---------------------------------------------

// A connection on its way to another thread.
struct reactor_thread::gift {
  explicit gift(std::atomic<std::size_t>& count) noexcept : coming(count) { ++coming; }
  gift(const gift&) = delete;
  gift& operator=(const gift&) = delete;
  ~gift() { --coming; }

  std::atomic<std::size_t>& coming;
  std::optional<actors::detail::descriptor> socket;
};

// Returns whether another thread has taken over the socket.
bool reactor_thread::give_away(int socket, const http::peer& peer) {
  if (all_.size() == 1 || !may_give_away())
    return false;
  const auto least = std::ranges::min_element(all_, {}, &reactor_thread::load);
  if (least->load() >= load() || !least->receive(socket, peer))
    return false;
  --gifts_;
  return true;
}

// Among many connections chance is fair enough; and where they come and go quickly, it costs more
// to wake another thread than an even share is worth.
bool reactor_thread::may_give_away() noexcept {
  if (load() > few_connections || is_draining_.load(std::memory_order_relaxed))
    return false;
  const auto now = shard_.reactor().now();
  if (now >= next_gift_) {
    const auto more = static_cast<std::size_t>((now - next_gift_) / gift_interval) + 1;
    gifts_ = std::min(gifts_ + more, few_connections);
    next_gift_ = now + gift_interval;
  }
  return gifts_ > 0;
}

// Called by the thread that has accepted the connection. Counts the connection before it looks
// whether this thread is draining: a drain waits for counted connections.
bool reactor_thread::receive(int socket, const http::peer& peer) {
  auto coming = std::make_shared<gift>(coming_);
  if (is_draining_)
    return false;
  coming->socket.emplace(socket, "accept4");
  shard_.reactor().post([this, coming = std::move(coming), peer] {
    if (listener_ != nullptr)
      listener_->open(coming->socket->release(), peer);
  });
  return true;
}

// -- the end ----------------------------------------------------------------------------

void reactor_thread::drain(std::chrono::milliseconds patience, std::function<void()> done) {
  is_draining_ = true;
  shard_.reactor().post([this, patience, done = std::move(done)] {
    // Then with the connections accepted since.
    listener_->finish(patience, [this, done] { drain_once_all_came(done); });
    shard_.drain();
  });
}

// What another thread gives, it gives in a moment.
void reactor_thread::drain_once_all_came(const std::function<void()>& done) {
  if (coming_ == 0)
    shard_.drain(done);
  else
    shard_.reactor().post([this, done] { drain_once_all_came(done); });
}

bool reactor_thread::await_end(std::chrono::milliseconds patience) const {
  return end_.wait_for(patience) == std::future_status::ready;
}

void reactor_thread::leave_behind() {
  if (thread_.joinable())
    thread_.detach();
}

void reactor_thread::cancel() {
  if (thread_.joinable()) {
    stop();
    join();
  }
  listener_.reset();
}

} // namespace sake
