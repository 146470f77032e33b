#include <sake/actors/detail/spawning_layer.hpp>
#include <sake/actors/exchange.hpp>
#include <sake/actors/keyed_actors.hpp>
#include <sake/actors/return_address.hpp>
#include <sake/actors/shared_actor.hpp>

#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/send.hpp>

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace sake::actors {

namespace {

class actor_layer final : public routing::layer {
public:
  explicit actor_layer(caf::strong_actor_ptr whom) noexcept
      : whom_(std::move(whom)),
        is_scheduled_(dynamic_cast<caf::scheduled_actor*>(whom_->get()) != nullptr) {}
  // Its engine is gone, and with it what the actor was for.
  ~actor_layer() override { caf::anon_send_exit(whom_, caf::exit_reason::user_shutdown); }
  // Every chain that an engine runs belongs to an exchange.
  void act(context& ctx) const override {
    static_cast<exchange&>(ctx).delegate(whom_, is_scheduled_);
  }
  [[nodiscard]] bool is_actor() const noexcept override { return true; }
  [[nodiscard]] const char* immovable_because() const noexcept override {
    return "an actor handle runs where its spawner put it";
  }

private:
  caf::strong_actor_ptr whom_;
  /// Whether it is one that CAF schedules, which lets CAF drop what nobody waits for.
  bool is_scheduled_;
};

} // namespace

// -- actors that somebody else spawned ----------------------------------------------

std::shared_ptr<const routing::layer> detail::make_actor_layer(caf::strong_actor_ptr whom) {
  if (whom == nullptr)
    throw std::invalid_argument("the actor handle given as a handler is empty");
  return std::make_shared<actor_layer>(std::move(whom));
}

// -- actors that the route spawns ---------------------------------------------------

detail::watched_turn::watched_turn(route_state* of) noexcept
    : activity_(reactor::current() != nullptr ? &reactor::current()->activity() : nullptr) {
  if (activity_ != nullptr)
    activity_->begin(*of);
}

detail::watched_turn::~watched_turn() {
  if (activity_ != nullptr)
    activity_->end();
}

void detail::drop_when_cancelled(caf::mailbox_element& message) noexcept {
  if (auto* const sent = addressed(message))
    sent->drop_when_cancelled();
}

std::shared_ptr<const routing::layer> detail::make_spawning_layer(actor_factory factory,
                                                                  bool is_placeable) {
  return std::make_shared<spawning_layer>(std::move(factory), is_placeable);
}

caf::strong_actor_ptr detail::spawning_layer::open(shard& own, const routing::plan& plan,
                                                   route_state& state) const {
  auto& supervisors = state.supervisors;
  switch (plan.actors.what) {
    case routing::actor_use::kind::shared: {
      const bool is_first = supervisors.empty();
      if (is_first)
        supervisors.push_back(spawn_on<shared_actor>(own.reactor(), factory_, plan, state));
      static_cast<shared_actor&>(*supervisors.front()->get()).serve(own.reactor());
      return is_first ? supervisors.front() : nullptr;
    }
    case routing::actor_use::kind::per_request:
      return nullptr;
    case routing::actor_use::kind::keyed:
      supervisors.push_back(spawn_on<keyed_actors>(own.reactor(), factory_, plan, state));
      return supervisors.back();
  }
  return nullptr;
}

void detail::spawning_layer::act(context& ctx) const {
  auto& asking = static_cast<exchange&>(ctx);
  auto& here = asking.home().reactor();
  auto& state = *asking.state().actors_of;
  const auto& use = asking.plan().actors;
  switch (use.what) {
    case routing::actor_use::kind::shared:
      asking.delegate(state.answering[here.index()], state.supervisors.front(), &state.begun);
      break;
    case routing::actor_use::kind::per_request:
      // Nobody but its own work refers to it from now on: it ends with that, or with the request.
      asking.delegate_to_own(factory_(here.system(), {state.actor_place, &state, {}}));
      break;
    case routing::actor_use::kind::keyed: {
      const std::size_t owner = state.key_hash(ctx.param(use.key));
      const auto& supervisor = state.supervisors[owner % state.supervisors.size()];
      asking.delegate(supervisor, supervisor, nullptr);
      break;
    }
  }
}

} // namespace sake::actors
