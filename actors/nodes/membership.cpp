#include "membership.hpp"

#include "../../http/wire/octet_reader.hpp"
#include "../../http/wire/octet_writer.hpp"
#include "../reactor/detail/failure.hpp"
#include "../reactor/log.hpp"
#include "node_address.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sake::actors::nodes {

namespace {

using namespace std::chrono_literals;

// Between attempts to reach an address: doubled after each failure.
constexpr std::chrono::milliseconds shortest_pause = 50ms;
constexpr std::chrono::milliseconds longest_pause = 1s;

// How often names are resolved again while a node with one of their addresses may be missing.
constexpr auto resolve_interval = 5s;

// How long the others get to close their links when this node leaves.
constexpr auto leave_patience = 1s;

// Addresses and nodes that are kept in mind.
constexpr std::size_t max_targets = 4096;
constexpr std::size_t max_gone = 64;

std::string to_hex(std::uint64_t id) {
  char text[17] = "0000000000000000";
  char digits[16];
  const auto end = std::to_chars(digits, digits + 16, id, 16).ptr;
  std::copy(digits, end, text + 16 - (end - digits));
  return text;
}

bool is_numeric(std::string_view address) {
  return node_address::parse(address).has_value();
}

} // namespace

// -- one dial -------------------------------------------------------------------------

/// One attempt to reach a node. The membership may end before it.
class membership::dial_attempt final : public dial_listener {
public:
  dial_attempt(membership& by, std::string address) : by_(&by), address_(std::move(address)) {}

  void call_off() noexcept { by_ = nullptr; }

  verdict judge(std::string_view introduction) override {
    if (by_ == nullptr)
      return {nullptr, "not wanted any more"};
    auto decided = by_->admit(introduction, &address_);
    owner_ = decided.owner;
    return decided;
  }
  void on_dialled(std::shared_ptr<link> made) override {
    if (by_ == nullptr)
      return;
    by_->dial_ended(address_, {}, false);
    by_->linked(owner_, std::move(made));
  }
  void on_failed(std::string reason, bool is_refused) override {
    if (by_ != nullptr)
      by_->dial_ended(address_, reason, is_refused);
  }

private:
  membership* by_;
  const std::string address_;
  std::shared_ptr<link_owner> owner_;
};

// -- life -----------------------------------------------------------------------------

membership::membership(membership_setup setup)
    : setup_(std::move(setup)), home_(*setup_.lanes.front().home) {
  publish();
}

membership::~membership() {
  for (auto& [address, each] : targets_)
    if (each.dialling != nullptr)
      each.dialling->call_off();
}

void membership::start() {
  if (!setup_.own.address.empty())
    setup_.net.listen(*this);
  for (const auto& each : setup_.settings.join) {
    if (is_numeric(each) || setup_.names == nullptr)
      add_target(each, true);
    else
      names_.push_back(each);
  }
  next_resolve_ = next_ping_ = home_.exact_now();
  home_.arm(*this, home_.exact_now());
}

void membership::drain() {
  is_draining_ = true;
  on_each([](dispatcher& at) { at.drain(); });
  broadcast(frame_kind::draining);
}

void membership::leave(std::function<void()> done) {
  is_draining_ = true;
  is_leaving_ = true;
  setup_.net.stop_listening();
  left_ = std::move(done);
  leave_by_ = time_after(home_.exact_now(), leave_patience);
  broadcast(frame_kind::leaving);
  end_if_alone();
}

void membership::end_if_alone() {
  const bool is_alone =
      std::ranges::none_of(members_, [](const auto& m) { return m.second.is_up; });
  if (left_ && (is_alone || home_.exact_now() >= leave_by_))
    std::exchange(left_, {})();
}

void membership::close() noexcept {
  home_.disarm(*this);
  setup_.net.close();
  for (auto& [id, each] : members_)
    if (each.over != nullptr)
      each.over->cut();
}

// -- time -----------------------------------------------------------------------------

void membership::expired(time_point now) {
  const reactor::turn in{home_};
  tick(now);
  const auto interval =
      std::clamp<std::chrono::milliseconds>(setup_.settings.heartbeat / 10, 5ms, 50ms);
  home_.arm(*this, time_after(now, interval));
}

void membership::tick(time_point now) {
  const bool is_ping_due = now >= next_ping_;
  if (is_ping_due) {
    next_ping_ = time_after(now, setup_.settings.heartbeat);
    setup_.own.width = static_cast<std::uint32_t>(setup_.workers()); // a pool may be resized
  }
  for (auto& [id, each] : members_) {
    check_member(each, now);
    if (!each.is_up)
      continue;
    end_if_answered(each);
    if (is_ping_due) {
      std::string time;
      http::wire::octet_writer to{time};
      to.u64(static_cast<std::uint64_t>(now.time_since_epoch().count()));
      to.u32(setup_.own.width);
      send(*each.who, frame_kind::ping, time);
    }
  }
  if (!is_draining_) {
    if (!names_.empty() && now >= next_resolve_)
      resolve_names(now);
    for (auto& [address, each] : targets_)
      if (may_dial(address, each, now))
        dial(address, each);
  }
  end_if_alone();
  publish();
}

void membership::check_member(member& of, time_point now) {
  const auto silence = now - of.who->last_heard();
  if (silence > setup_.settings.death) {
    of.is_silent = true;
    if (of.over != nullptr)
      of.over->cut();
  } else if (!of.is_up) {
    return;
  } else if (silence > setup_.settings.suspicion) {
    if (of.state == node_state::up)
      change(of, node_state::suspected, node_event::kind::suspected);
  } else if (of.state == node_state::suspected) {
    change(of, node_state::up, node_event::kind::recovered);
  }
}

void membership::resolve_names(time_point now) {
  next_resolve_ = time_after(now, resolve_interval);
  for (const auto& each : names_)
    setup_.names->resolve(each, [this, each](const std::vector<std::string>& found) {
      const auto name = each.substr(0, each.rfind(':'));
      for (const auto& address : found)
        if (auto* const added = add_target(address, false))
          added->dialled_as = name + '/' + address;
    });
}

// -- addresses ------------------------------------------------------------------------

membership::target* membership::add_target(std::string_view address, bool is_configured) {
  if (const auto at = targets_.find(address); at != targets_.end())
    return &at->second;
  if (targets_.size() >= max_targets)
    return nullptr;
  auto& added = targets_[std::string{address}];
  added.dialled_as = address;
  added.is_configured = is_configured;
  added.is_own = address == setup_.own.address;
  added.pause = shortest_pause;
  added.next_try = added.known_since = home_.exact_now();
  return &added;
}

void membership::dial(const std::string& address, target& to) {
  to.dialling = std::make_shared<dial_attempt>(*this, address);
  setup_.net.dial(to.dialled_as, introduce(), to.dialling);
}

void membership::dial_ended(const std::string& address, std::string_view why, bool is_refused) {
  const auto at = targets_.find(address);
  if (at == targets_.end())
    return;
  auto& to = at->second;
  to.dialling = nullptr;
  if (why.empty()) {
    to.pause = shortest_pause;
    return;
  }
  const auto now = home_.exact_now();
  to.next_try = time_after(now, to.pause);
  const bool was_short = to.pause < longest_pause;
  to.pause = std::min(to.pause * 2, longest_pause);
  if (was_short && to.pause == longest_pause)
    log_event(is_refused ? log_level::warning : log_level::info, "a node is not reached",
              {{"address", address}, {"reason", why}});
  // An address from other nodes, without a node for long.
  if (!to.is_configured && now - to.known_since > 6 * setup_.settings.stable
      && !is_member_at(address))
    targets_.erase(at);
}

bool membership::is_member_at(std::string_view address) const noexcept {
  return std::ranges::any_of(members_, [address](const auto& each) {
    return each.second.who->facts().address == address;
  });
}

bool membership::may_dial(const std::string& address, const target& to, time_point now) const {
  return !to.is_own && to.dialling == nullptr && now >= to.next_try && !is_member_at(address)
         && (to.leads_to.empty() || !is_member_at(to.leads_to));
}

// -- who may join ---------------------------------------------------------------------

std::string membership::introduce() {
  auto own = setup_.own;
  own.is_draining = is_draining_;
  return encode(own);
}

verdict membership::judge(std::string_view introduction, std::string_view) {
  return admit(introduction, nullptr);
}

/// Why a node gets no link; empty: it does. An older link to it, or to the process that was there
/// before it, is cut.
/// @param dialled  the address where this node has dialled it; null: it has dialled this one
std::string membership::objection(const introduction& to, const std::string* dialled) {
  const auto& own = setup_.own;
  if (to.id == own.id) {
    if (dialled != nullptr)
      targets_[*dialled].is_own = true;
    return "it is this node itself";
  }
  if (to.max_version < own.min_version || to.min_version > own.max_version)
    return "the nodes have no version in common: one speaks " + std::to_string(to.min_version)
           + " to " + std::to_string(to.max_version) + ", the other "
           + std::to_string(own.min_version) + " to " + std::to_string(own.max_version);
  const auto& allowed = setup_.settings.members;
  if (!allowed.empty() && std::ranges::find(allowed, to.name) == allowed.end())
    return "node.members of " + own.name + " has no " + to.name;
  if (to.name == own.name)
    return "another node has the name " + to.name;
  if (is_draining_)
    return own.name + " is about to end";
  for (auto& [id, each] : members_) {
    const auto& facts = each.who->facts();
    const bool is_same = id == to.id;
    const bool is_restarted = !is_same && !to.address.empty() && facts.address == to.address;
    if (!is_same && !is_restarted) {
      if (facts.name == to.name)
        return "another node has the name " + to.name;
      continue;
    }
    const auto silence = home_.exact_now() - each.who->last_heard();
    if (is_restarted || silence > 2 * setup_.settings.heartbeat) {
      if (each.over != nullptr)
        each.over->cut();
      return "an older link is not closed yet";
    }
    return "there is a link already";
  }
  // Both dial at once: the dial of the smaller id stands.
  if (dialled == nullptr && own.id < to.id)
    if (const auto at = targets_.find(to.address); at != targets_.end() && at->second.dialling)
      return own.name + " is dialling already";
  return {};
}

verdict membership::admit(std::string_view introduction, const std::string* dialled) {
  auto to = decode_introduction(introduction);
  if (!to)
    return {nullptr, "the introduction is malformed"};
  if (auto why = objection(*to, dialled); !why.empty())
    return {nullptr, std::move(why)};
  auto who = std::make_shared<peer>(std::move(*to), setup_.routes, setup_.lanes,
                                    static_cast<peer_listener&>(*this), home_);
  const auto id = who->facts().id;
  member& added = members_[id];
  added.who = who;
  added.missing_routes = missing_routes(who->facts());
  added.state = who->facts().is_draining ? node_state::leaving : node_state::up;
  if (dialled != nullptr)
    if (const auto at = targets_.find(*dialled); at != targets_.end())
      at->second.leads_to = who->facts().address;
  if (!who->facts().address.empty())
    add_target(who->facts().address, false);
  on_each([who](dispatcher& at) { at.open(who); });
  return {who, {}};
}

// -- links ----------------------------------------------------------------------------

// Calls `function` with each dispatcher, on its reactor.
template <class Function>
void membership::on_each(Function function) {
  for (std::size_t i = 0; i < setup_.dispatchers.size(); ++i) {
    auto& at = *setup_.dispatchers[i];
    if (i == 0)
      function(at);
    else
      setup_.lanes[i].home->post([function, &at] { function(at); });
  }
}

membership::member* membership::find(const peer& which) noexcept {
  const auto at = members_.find(which.facts().id);
  return at != members_.end() && at->second.who.get() == &which ? &at->second : nullptr;
}

void membership::on_accepted(std::shared_ptr<link> made, const std::shared_ptr<link_owner>& owner) {
  linked(owner, std::move(made));
}

void membership::linked(const std::shared_ptr<link_owner>& owner, std::shared_ptr<link> made) {
  auto* const of = owner != nullptr ? find(static_cast<peer&>(*owner)) : nullptr;
  if (of == nullptr) {
    made->cut();
    return;
  }
  of->over = std::move(made);
  if (of->is_up)
    set_link(*of);
}

void membership::set_link(member& of) {
  on_each([who = of.who, over = of.over](dispatcher& at) { at.up(*who, over); });
  of.who->take_work(takes_work(of));
  tell_members(*of.who);
}

void membership::on_up(peer& which) {
  auto* const of = find(which);
  if (of == nullptr)
    return;
  of->is_up = true;
  if (of->over != nullptr)
    set_link(*of);
  change(*of, of->state, node_event::kind::joined);
}

void membership::on_down(peer& which) {
  auto* const of = find(which);
  if (of == nullptr)
    return;
  auto gone = std::move(*of);
  members_.erase(which.facts().id);
  which.take_work(false);
  on_each([who = gone.who](dispatcher& at) { at.close(*who); });
  if (const auto at = targets_.find(which.facts().address); at != targets_.end()) {
    at->second.pause = shortest_pause;
    at->second.next_try = time_after(home_.exact_now(), shortest_pause);
    at->second.known_since = home_.exact_now();
  }
  if (gone.is_up) {
    // When this node leaves, it asks the others to cut their links.
    const bool has_left = gone.state == node_state::leaving || is_leaving_;
    gone.state = has_left ? node_state::left : node_state::died;
    std::erase_if(gone_, [&](const node_info& each) { return each.name == which.facts().name; });
    if (gone_.size() == max_gone)
      gone_.erase(gone_.begin());
    gone_.push_back(info_of(gone));
    change(gone, gone.state, has_left ? node_event::kind::left : node_event::kind::died);
  }
  end_if_alone();
}

bool membership::takes_work(const member& of) const noexcept {
  return of.state == node_state::up && of.who->facts().role != node_role::front;
}

void membership::change(member& of, node_state to, node_event::kind what) {
  of.state = to;
  of.who->take_work(of.is_up && takes_work(of));
  const auto& facts = of.who->facts();
  publish();
  if (is_leaving_)
    return;
  if (what == node_event::kind::died)
    log_event(log_level::warning, "node died",
              {{"node", facts.name},
               {"address", facts.address},
               {"id", to_hex(facts.id)},
               {"reason", of.is_silent ? "silence" : "its link is lost"}});
  else
    log_event(what == node_event::kind::suspected ? log_level::warning : log_level::info,
              "node " + std::string{to_string(what)},
              {{"node", facts.name}, {"address", facts.address}, {"id", to_hex(facts.id)}});
  if (setup_.on_event)
    detail::contain("on_node_event", [&] {
      setup_.on_event({what, facts.name, to_hex(facts.id), facts.address});
    });
}

// -- frames ---------------------------------------------------------------------------

void membership::send(const peer& to, frame_kind kind, std::string_view content) {
  setup_.dispatchers.front()->send(to, kind, content);
}

void membership::broadcast(frame_kind kind) {
  const reactor::turn now{home_};
  for (const auto& [id, each] : members_)
    send(*each.who, kind);
}

void membership::tell_members(const peer& to) {
  std::string content;
  http::wire::octet_writer out{content};
  std::vector<std::string_view> addresses;
  for (const auto& [id, each] : members_)
    if (each.is_up && each.who.get() != &to && !each.who->facts().address.empty())
      addresses.push_back(each.who->facts().address);
  out.count(addresses.size());
  for (const auto each : addresses)
    out.text(each);
  send(to, frame_kind::members, content);
}

void membership::read_members(std::string_view content) {
  http::wire::octet_reader from{content};
  for (auto left = from.u32(); left != 0 && !from.has_failed(); --left)
    if (const auto address = from.text(); !from.has_failed() && is_numeric(address))
      add_target(address, false);
}

// A node that waits for the end of its link has finished its work, but requests of this node may
// have crossed its farewell: it answers them with `not_begun`.
void membership::end_if_answered(const member& of) {
  if (of.waits_for_end && of.who->under_way() == 0 && of.over != nullptr)
    of.over->cut();
}

void membership::on_control(peer& from, const frame& what) {
  auto* const of = find(from);
  if (of == nullptr)
    return;
  switch (what.kind) {
    case frame_kind::ping: {
      http::wire::octet_reader read{what.content};
      (void)read.u64();
      if (const auto width = read.u32(); !read.has_failed())
        from.set_width(width);
      send(from, frame_kind::pong, what.content);
      break;
    }
    case frame_kind::pong: {
      const auto octets = http::wire::octet_reader{what.content}.u64();
      const time_point::duration sent{static_cast<std::int64_t>(octets)};
      const auto now = home_.exact_now().time_since_epoch();
      if (sent >= 0s && sent <= now && now - sent < setup_.settings.death)
        of->round_trip = std::chrono::duration_cast<std::chrono::microseconds>(now - sent);
      break;
    }
    case frame_kind::members:
      read_members(what.content);
      break;
    case frame_kind::draining:
      of->state = node_state::leaving;
      from.take_work(false);
      break;
    case frame_kind::leaving:
      of->state = node_state::leaving;
      of->waits_for_end = true;
      from.take_work(false);
      end_if_answered(*of);
      break;
    default: // of a later version
      break;
  }
}

// -- for the program ------------------------------------------------------------------

node_info membership::info_of(const member& of) const {
  const auto& facts = of.who->facts();
  node_info made{.name = facts.name,
                 .id = to_hex(facts.id),
                 .address = facts.address,
                 .role = std::string{to_string(facts.role)},
                 .state = std::string{to_string(of.state)},
                 .workers = of.who->width(),
                 .load = of.who->load(),
                 .under_way = of.who->under_way(),
                 .round_trip_us = of.round_trip.count(),
                 .missing_routes = of.missing_routes};
  const auto silence = home_.exact_now() - of.who->last_heard();
  made.silent_ms = std::chrono::duration_cast<std::chrono::milliseconds>(silence).count();
  return made;
}

std::vector<std::string> membership::missing_routes(const introduction& of) const {
  std::vector<std::string> names;
  if (of.role == node_role::front)
    return names;
  auto has = of.routes;
  std::ranges::sort(has);
  for (const auto id : setup_.own.routes)
    if (!std::ranges::binary_search(has, id))
      if (const auto at = setup_.routes.find_id(id))
        names.push_back(setup_.routes.endpoints()[*at].name);
  return names;
}

void membership::publish() {
  std::vector<node_info> now;
  now.push_back(
      {.name = setup_.own.name,
       .id = to_hex(setup_.own.id),
       .address = setup_.own.address,
       .role = std::string{to_string(setup_.own.role)},
       .state = std::string{to_string(is_draining_ ? node_state::leaving : node_state::up)},
       .is_this_node = true,
       .workers = setup_.own.width,
       .load = setup_.load ? setup_.load() : 0,
       .missing_routes = {}});
  for (const auto& [id, each] : members_)
    if (each.is_up)
      now.push_back(info_of(each));
  for (const auto& each : gone_)
    if (std::ranges::none_of(now, [&](const node_info& n) { return n.name == each.name; }))
      now.push_back(each);
  const std::lock_guard lock{mutex_};
  known_ = std::move(now);
}

std::vector<node_info> membership::nodes() const {
  const std::lock_guard lock{mutex_};
  return known_;
}

} // namespace sake::actors::nodes
