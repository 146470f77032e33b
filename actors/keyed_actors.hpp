// The actors of one keyed route that live on one shard.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/detail/keyed_hash.hpp>
#include <sake/actors/supervisor.hpp>

#include <list>
#include <string_view>
#include <unordered_map>

namespace sake::actors {

/// The actors of one keyed route whose keys fall to one shard: hands each request to the actor of
/// its key, which it spawns at the first. One that was not asked for a while is let go, and told to
/// exit; not while it has a request, so there is one actor for a key at a time. Where there are too
/// many, one that was not asked for long is let go; where all are in use, the request is refused.
/// With an actor goes the memory of its failures.
class keyed_actors final : public supervisor, private deadline {
public:
  keyed_actors(caf::actor_config& cfg, actors::reactor& home, const detail::actor_factory& factory,
               const routing::plan& plan, route_state& state);
  ~keyed_actors() override;
  const char* name() const override { return "sake.keyed"; }

private:
  /// The one that was asked last is in front.
  struct entry {
    entry(supervisor& by, std::string_view key, time_point now)
        : actor(by, std::string{key}, supervised_actor::filling::at_request), asked(now) {}
    supervised_actor actor;
    time_point asked;
  };
  using entries = std::list<entry>;

  supervised_actor* find(const http::request& request) override;
  supervised_actor* find_known(std::string_view key) override;
  void end_actors() override;
  void expired(time_point now) override;
  void touch(entries::iterator which, time_point now);
  void let_go_of_last();
  bool make_room(time_point now);

  entries entries_;
  std::unordered_map<std::string_view, entries::iterator, detail::keyed_hash> by_key_;
};

} // namespace sake::actors
