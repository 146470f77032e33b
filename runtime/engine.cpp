#include <sake/runtime/engine.hpp>

#include <sake/runtime/engine_state.hpp>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace sake {

// Not in the header, so that a program that sets nothing need not compile what makes a
// configuration.
engine::engine() : engine(config{}) {}

engine::engine(config options) : engine(std::make_unique<state>(std::move(options))) {}

engine::engine(std::unique_ptr<state> made)
    : route_group(made->registry), state_(std::move(made)) {}

engine::~engine() {
  // In a child process, or where a handler calls std::exit, there is nothing to wait for.
  if (state_->is_forked() || (state_->started && state::is_on_own_thread())) {
    (void)state_.release();
    return;
  }
  if (state_->started) {
    shutdown();
    wait();
  }
  if (state_->is_left_behind)
    (void)state_.release();
}

engine::outcome engine::start(std::string_view where) {
  return {state_->start(where)};
}

engine::outcome engine::start() {
  return start(std::string{state_->options.address()});
}

int engine::run(std::string_view where) {
  if (const auto begun = start(where); !begun) {
    std::fprintf(stderr, "%s\n", begun.error.c_str());
    return 1;
  }
  std::printf("%s\n", state_->banner().c_str());
  std::fflush(stdout);
  wait();
  return 0;
}

int engine::run() {
  return run(std::string{state_->options.address()});
}

void engine::wait() {
  if (!state_->started || state_->finished)
    return;
  const auto guard = boost::asio::make_work_guard(state_->control->context);
  state_->control->context.run();
  state_->is_left_behind = !state_->finish();
}

void engine::shutdown() noexcept {
  if (state_->control)
    boost::asio::post(state_->control->context,
                      [own = state_.get()] { own->begin_drain("shutdown"); });
}

std::uint16_t engine::port() const noexcept {
  return state_->bound.port;
}

caf::actor_system& engine::system() noexcept {
  if (!state_->system) {
    std::fprintf(stderr, "%s\n", state_->failure.c_str());
    std::exit(EXIT_FAILURE);
  }
  return *state_->system;
}

caf::actor engine::router(std::size_t reactor) const {
  return caf::actor_cast<caf::actor>(state_->stations.at(reactor).shard->router());
}

std::string engine::banner() const {
  return state_->banner();
}

std::vector<caf::actor> engine::workers(std::string_view pool) const {
  std::vector<caf::actor> all;
  if (const auto* const found = state_->pool(pool))
    for (const auto& each : found->workers())
      all.push_back(caf::actor_cast<caf::actor>(each));
  return all;
}

engine::outcome engine::resize_pool(std::string_view pool, std::size_t workers) {
  return {state_->resize(pool, workers)};
}

} // namespace sake
