#include "reactor_thread.hpp"

#include "../actors/reactor/cores.hpp"

#include <string>
#include <utility>

#include <pthread.h>
#include <signal.h>

namespace sake {

namespace {

// sendfile(2) has no MSG_NOSIGNAL, and the program may choose the action of SIGPIPE at any time.
void block_broken_pipe() noexcept {
  sigset_t broken_pipe;
  ::sigemptyset(&broken_pipe);
  ::sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
}

} // namespace

reactor_thread::reactor_thread(actors::shard& shard, listening_socket socket,
                               actors::connection_bound& bound,
                               const actors::transport_factory& transports)
    : shard_(shard), listener_(std::make_unique<listener>(shard, socket, bound, transports)) {
  listener_->start();
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

void reactor_thread::drain(std::chrono::milliseconds patience, std::function<void()> done) {
  shard_.reactor().post([this, patience, done = std::move(done)] {
    listener_->finish(patience, [this, done] {
      // Now with the connections accepted since.
      shard_.drain(done);
    });
    shard_.drain();
  });
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
