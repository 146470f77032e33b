#include "engine.hpp"

#include "../actors/workers/worker_pool.hpp"
#include "engine_actor_system.hpp"
#include "engine_state.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace sake {

// Defined here, so that a program that sets no options need not compile the construction of a
// configuration.
engine::engine() : engine(config{}) {}

engine::engine(config options) : engine(std::make_unique<engine_state>(std::move(options))) {}

engine::engine(std::unique_ptr<engine_state> made)
    : route_group(made->registry()), state_(std::move(made)) {}

engine::~engine() {
  // In a child process, or if a handler calls std::exit, there is nothing to wait for.
  if (state_->is_forked() || (state_->has_started() && state_->is_on_own_thread())) {
    (void)state_.release();
    return;
  }
  if (state_->has_started()) {
    shutdown();
    wait();
  }
  if (state_->is_left_behind())
    (void)state_.release();
}

void engine::observe_access(
    std::function<std::unique_ptr<access_observer>(std::size_t reactor)> make) {
  state_->observers().add_access(std::move(make));
}

void engine::observe_runtime(
    std::function<std::unique_ptr<runtime_observer>(std::size_t reactor)> make) {
  state_->observers().add_runtime(std::move(make));
}

std::vector<node_info> engine::nodes() const {
  return state_->nodes();
}

std::string engine::node_name() const {
  return state_->node_name();
}

void engine::on_node_event(std::function<void(const node_event&)> hears) {
  if (!hears)
    throw std::invalid_argument("on_node_event needs a function");
  if (state_->has_started())
    throw std::logic_error("on_node_event comes after the start of the engine");
  state_->on_node_event(std::move(hears));
}

engine::outcome engine::start(std::string_view where) {
  return {state_->start(where)};
}

engine::outcome engine::start() {
  return start(std::string{state_->options().address()});
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
  return run(std::string{state_->options().address()});
}

void engine::wait() {
  state_->wait();
}

void engine::shutdown() noexcept {
  state_->shut_down();
}

std::uint16_t engine::port() const noexcept {
  return state_->bound().port;
}

caf::actor_system& engine::system() noexcept {
  auto* const system = state_->system();
  if (system == nullptr) {
    std::fprintf(stderr, "%s\n", state_->failure().c_str());
    std::exit(EXIT_FAILURE);
  }
  return *system;
}

caf::actor engine::router(std::size_t reactor) const {
  return caf::actor_cast<caf::actor>(state_->shard(reactor).router());
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
  const logger_release at_the_end;
  return {state_->changes().resize(pool, workers)};
}

} // namespace sake
