#include <sake/actors/detail/spawning_layer.hpp>
#include <sake/actors/exchange.hpp>
#include <sake/actors/keyed_actors.hpp>

#include <caf/exit_reason.hpp>
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
  explicit actor_layer(caf::strong_actor_ptr whom) noexcept : whom_(std::move(whom)) {}
  // Its engine is gone, and with it what the actor was for.
  ~actor_layer() override { caf::anon_send_exit(whom_, caf::exit_reason::user_shutdown); }
  // Every chain that an engine runs belongs to an exchange.
  void act(context& ctx) const override { static_cast<exchange&>(ctx).delegate(whom_); }
  [[nodiscard]] bool is_actor() const noexcept override { return true; }
  [[nodiscard]] const char* immovable_because() const noexcept override {
    return "an actor handle runs where its spawner put it";
  }

private:
  caf::strong_actor_ptr whom_;
};

} // namespace

// -- actors that somebody else spawned ----------------------------------------------

std::shared_ptr<const routing::layer> detail::make_actor_layer(caf::strong_actor_ptr whom) {
  if (whom == nullptr)
    throw std::invalid_argument("the actor handle given as a handler is empty");
  return std::make_shared<actor_layer>(std::move(whom));
}

// -- actors that the route spawns ---------------------------------------------------

std::shared_ptr<const routing::layer> detail::make_spawning_layer(actor_factory factory,
                                                                  bool is_placeable) {
  return std::make_shared<spawning_layer>(std::move(factory), is_placeable);
}

caf::strong_actor_ptr detail::spawning_layer::open(shard& own, const routing::plan& plan,
                                                   route_state& state) const {
  switch (plan.actors.what) {
    case routing::actor_use::kind::shared:
      if (state.shared_actor == nullptr)
        state.shared_actor = factory_(own.reactor().system(), state.actor_place);
      break;
    case routing::actor_use::kind::per_request:
      break;
    case routing::actor_use::kind::keyed:
      state.keyed.push_back(
          spawn_on<keyed_actors>(own.reactor(), factory_, plan.actors, state.actor_place));
      return state.keyed.back();
  }
  return nullptr;
}

void detail::spawning_layer::act(context& ctx) const {
  auto& asking = static_cast<exchange&>(ctx);
  const auto& state = asking.state();
  const auto& use = asking.plan().actors;
  switch (use.what) {
    case routing::actor_use::kind::shared:
      asking.delegate(state.shared_actor);
      break;
    case routing::actor_use::kind::per_request:
      // Nobody but its own work refers to it from now on: it ends with that.
      asking.delegate(factory_(asking.home().reactor().system(), state.actor_place));
      break;
    case routing::actor_use::kind::keyed: {
      const std::size_t owner = std::hash<std::string_view>{}(ctx.param(use.key));
      asking.delegate(state.keyed[owner % state.keyed.size()]);
      break;
    }
  }
}

route_state::~route_state() {
  // The engine is gone, and with it what they were for.
  if (shared_actor != nullptr)
    caf::anon_send_exit(shared_actor, caf::exit_reason::user_shutdown);
}

} // namespace sake::actors
