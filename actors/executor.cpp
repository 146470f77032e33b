#include <sake/actors/executor.hpp>

#include <sake/actors/detail/failure.hpp>

#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <utility>

namespace sake::actors {

namespace {

// Messages that an actor handles before the next task has its turn.
constexpr std::size_t max_throughput = 100;

} // namespace

/// The turn of an actor.
class executor::actor_turn final : public routing::work {
public:
  actor_turn(caf::resumable* what, executor& place) noexcept : what_(what), place_(place) {}

  // The executor ends, and drops what it has not begun: the actor must not wait for it for ever.
  ~actor_turn() override {
    if (what_ != nullptr)
      place_.system().scheduler().enqueue(what_);
  }

private:
  void act() noexcept override {
    caf::resumable* const what = std::exchange(what_, nullptr);
    if (detail::resume(*what, place_.elsewhere_, max_throughput) == caf::resumable::resume_later)
      place_.exec_later(what);
    else
      caf::intrusive_ptr_release(what);
  }

  caf::resumable* what_;
  executor& place_;
};

void executor::exec_later(caf::resumable* what) {
  resubmit(std::make_shared<actor_turn>(what, *this));
}

} // namespace sake::actors
