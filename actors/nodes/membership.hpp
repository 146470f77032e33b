// Which nodes there are.
#pragma once

#include "../../routing/route_map.hpp"
#include "../reactor/deadline_wheel.hpp"
#include "../reactor/reactor.hpp"
#include "dispatcher.hpp"
#include "introduction.hpp"
#include "network.hpp"
#include "node_info.hpp"
#include "node_settings.hpp"
#include "peer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::actors::nodes {

/// Finds the addresses of host names. On the reactor of the membership.
class name_resolver {
public:
  /// Finds the numeric addresses, host:port, of `name`, host:port: `done` gets them, in a later
  /// turn, and nothing if there are none.
  virtual void resolve(std::string name, std::function<void(std::vector<std::string>)> done) = 0;

protected:
  ~name_resolver() = default;
};

/// The arguments of a membership. Everything that is referred to must outlive it.
struct membership_setup {
  const node_settings& settings;
  /// How this node introduces itself.
  introduction own;
  const routing::route_map& routes;
  /// By reactor: the membership lives on the first.
  const std::vector<lane_end>& lanes;
  const std::vector<std::unique_ptr<dispatcher>>& dispatchers;
  network& net;
  /// Null: only numeric addresses can be joined.
  name_resolver* names = nullptr;
  /// Tasks queued or running here, and workers. Safe from any thread.
  std::function<std::uint32_t()> load{};
  std::function<std::size_t()> workers{};
  /// Hears of every change. On the reactor of the membership.
  std::function<void(const node_event&)> on_event{};
};

/// Which nodes there are: finds them, introduces this node, hears whether they live, and tells the
/// dispatchers. A node is one process from its start to its end: after a restart it is another one.
///
/// Lives on the first reactor of the node; only `nodes` is safe from other threads.
class membership final : public control_sink,
                         private network_host,
                         private peer_listener,
                         private deadline {
public:
  explicit membership(membership_setup setup);
  membership(const membership&) = delete;
  membership& operator=(const membership&) = delete;
  ~membership() override;

  /// Accepts nodes, and looks for those to join.
  void start();
  /// Takes no further work of other nodes, and tells them.
  void drain();
  /// Tells the other nodes that this one ends. Calls `done` once all have closed their links, after
  /// a second at the latest.
  void leave(std::function<void()> done);
  /// Ends all links at once.
  void close() noexcept;

  /// This node, and every other that it knows. Safe from any thread.
  [[nodiscard]] std::vector<node_info> nodes() const;

  // -- control_sink ---------------------------------------------------------------

  void on_control(peer& from, const frame& what) override;

private:
  class dial_attempt;

  /// A node with a link.
  struct member {
    std::shared_ptr<peer> who;
    std::shared_ptr<link> over;
    node_state state = node_state::up;
    bool is_up = false;
    /// Its link was cut because it was silent for too long.
    bool is_silent = false;
    /// It has sent `leaving`.
    bool waits_for_end = false;
    std::chrono::microseconds round_trip{};
    /// Names of routes that run on workers here and that it does not have.
    std::vector<std::string> missing_routes{};
  };
  /// An address where there is, or was, a node.
  struct target {
    /// The address to dial, with `name/` in front if the certificate of the node is for a name.
    std::string dialled_as;
    /// What the node that was reached there calls its address: another one, if something between
    /// forwards connections.
    std::string leads_to;
    /// From the configuration; others were told by nodes.
    bool is_configured = false;
    bool is_own = false;
    time_point next_try;
    time_point known_since;
    std::chrono::milliseconds pause{};
    std::shared_ptr<dial_attempt> dialling;
  };

  // -- network_host -----------------------------------------------------------------
  [[nodiscard]] std::string introduce() override;
  [[nodiscard]] verdict judge(std::string_view introduction, std::string_view from) override;
  void on_accepted(std::shared_ptr<link> made, const std::shared_ptr<link_owner>& owner) override;

  // -- peer_listener ----------------------------------------------------------------
  void on_up(peer& which) override;
  void on_down(peer& which) override;

  void expired(time_point now) override;
  void tick(time_point now);
  void check_member(member& of, time_point now);
  void end_if_answered(const member& of);
  void dial(const std::string& address, target& to);
  void dial_ended(const std::string& address, std::string_view why, bool is_refused);
  void resolve_names(time_point now);
  /// Returns null if there are too many.
  target* add_target(std::string_view address, bool is_configured);

  [[nodiscard]] verdict admit(std::string_view introduction, const std::string* dialled);
  [[nodiscard]] std::string objection(const introduction& to, const std::string* dialled);
  void linked(const std::shared_ptr<link_owner>& owner, std::shared_ptr<link> made);
  void set_link(member& of);
  [[nodiscard]] member* find(const peer& which) noexcept;
  [[nodiscard]] bool is_member_at(std::string_view address) const noexcept;
  [[nodiscard]] bool may_dial(const std::string& address, const target& to, time_point now) const;
  [[nodiscard]] bool takes_work(const member& of) const noexcept;
  void change(member& of, node_state to, node_event::kind what);
  void tell_members(const peer& to);
  void read_members(std::string_view content);
  void send(const peer& to, frame_kind kind, std::string_view content = {});
  void broadcast(frame_kind kind);
  template <class Function>
  void on_each(Function function);
  void end_if_alone();
  void publish();
  [[nodiscard]] node_info info_of(const member& of) const;
  [[nodiscard]] std::vector<std::string> missing_routes(const introduction& of) const;

  membership_setup setup_;
  reactor& home_;
  std::map<std::uint64_t, member> members_;
  std::map<std::string, target, std::less<>> targets_;
  /// Names to be resolved, and when.
  std::vector<std::string> names_;
  time_point next_resolve_;
  time_point next_ping_;
  /// Nodes that have gone, the last ones.
  std::vector<node_info> gone_;
  bool is_draining_ = false;
  bool is_leaving_ = false;
  std::function<void()> left_;
  time_point leave_by_;

  mutable std::mutex mutex_;
  std::vector<node_info> known_;
};

} // namespace sake::actors::nodes
