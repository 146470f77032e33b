// The actors of one keyed route that live on one shard.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/reactor_actor.hpp>
#include <sake/actors/spawned.hpp>
#include <sake/routing/route_map.hpp>

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sake::actors {

/// The actors of one keyed route whose keys fall to one shard: hands each request to the actor of
/// its key, which it spawns at the first. One that was not asked for a while is let go: it ends
/// when nobody refers to it, so one that still works on something ends after that. Where there are
/// too many, the one that was not asked for longest is let go.
class keyed_actors final : public reactor_actor, private deadline {
public:
  keyed_actors(caf::actor_config& cfg, actors::reactor& home, const detail::actor_factory& factory,
               const routing::actor_use& use, actor_place place);
  ~keyed_actors() override;
  const char* name() const override { return "sake.keyed"; }

private:
  /// The one that was asked last is in front.
  struct entry {
    std::string key;
    caf::strong_actor_ptr actor;
    time_point asked;
  };
  using entries = std::list<entry>;

  void receive(caf::mailbox_element_ptr message) override;
  void on_exit() override;
  void expired(time_point now) override;
  entry& find(std::string_view key);
  void let_go_of_last();

  const detail::actor_factory& factory_;
  const routing::actor_use& use_;
  const actor_place place_;
  entries entries_;
  std::unordered_map<std::string_view, entries::iterator> by_key_;
};

} // namespace sake::actors
