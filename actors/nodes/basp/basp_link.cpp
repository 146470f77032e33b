#include "basp_link.hpp"

#include "../../reactor/detail/failure.hpp"
#include "../../reactor/log.hpp"
#include "envelope_message.hpp"
#include "link_scribe.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/atom.hpp>
#include <caf/default_attachable.hpp>
#include <caf/exit_reason.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/multiplexer.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <set>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sake::actors::nodes {

namespace {

// Under which CAF's broker keeps the actor of the stream that comes next. It knows no other way to
// name one.
constexpr std::uint16_t published_port = 1;

// The requests of a port to the broker.
constexpr auto connect_request =
    caf::make_message_id(1).with_category(caf::message_id::normal_message_category);
constexpr auto barrier_request =
    caf::make_message_id(2).with_category(caf::message_id::normal_message_category);

} // namespace

/// The actor of one link: gives every message to the link, on the thread that brings it.
class basp_link::port final : public caf::monitorable_actor {
public:
  port(caf::actor_config& config, std::weak_ptr<basp_link> of)
      : caf::monitorable_actor(config), link_(std::move(of)) {}

  const char* name() const override { return "sake.link"; }

  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) override {
    detail::contain("a message of another node", [&] {
      if (const auto link = link_.lock())
        link->receive(*message);
    });
  }

private:
  std::weak_ptr<basp_link> link_;
};

// -- cutting --------------------------------------------------------------------------

void basp_link::cutter::watch(int socket) noexcept {
  const std::lock_guard lock{mutex_};
  socket_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  // Without a descriptor the link could never be cut.
  if (is_cut_ || socket_ < 0)
    ::shutdown(socket, SHUT_RDWR);
}

void basp_link::cutter::cut() noexcept {
  const std::lock_guard lock{mutex_};
  is_cut_ = true;
  if (socket_ >= 0)
    ::shutdown(socket_, SHUT_RDWR);
}

void basp_link::cutter::close() noexcept {
  const std::lock_guard lock{mutex_};
  if (socket_ >= 0)
    ::close(std::exchange(socket_, -1));
}

// -- beginning ------------------------------------------------------------------------

std::shared_ptr<basp_link> basp_link::make(caf::actor_system& system, std::string peer,
                                           std::shared_ptr<link_owner> owner, opened report) {
  std::shared_ptr<basp_link> made{
      new basp_link(system, std::move(peer), std::move(owner), std::move(report))};
  caf::actor_config config;
  made->port_ = caf::make_actor<port, caf::strong_actor_ptr>(system.next_actor_id(), system.node(),
                                                             &system, config, std::weak_ptr{made});
  return made;
}

basp_link::basp_link(caf::actor_system& system, std::string peer, std::shared_ptr<link_owner> owner,
                     opened report)
    : system_(system),
      peer_(std::move(peer)),
      broker_(caf::actor_cast<caf::strong_actor_ptr>(
          system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP")))),
      owner_(std::move(owner)),
      report_(std::move(report)) {}

basp_link::~basp_link() = default;

void basp_link::start(std::unique_ptr<link_channel> channel, link_side own) {
  side_ = own;
  cutter_.watch(channel->socket());
  // A broker that ends answers nothing more: its end is then the end of the link.
  broker_->get()->attach(
      caf::default_attachable::make_monitor(broker_->get()->address(), port_->get()->address()));
  std::shared_ptr<link_channel::observer> self{shared_from_this(),
                                               static_cast<link_channel::observer*>(this)};
  auto stream = make_link_scribe(system_, std::move(channel), std::move(self));
  auto message = own == link_side::dialled
                     ? caf::make_mailbox_element(port_, connect_request, {}, caf::connect_atom_v,
                                                 std::move(stream), published_port)
                     : caf::make_mailbox_element(nullptr, caf::message_id{}, {},
                                                 caf::publish_atom_v, std::move(stream),
                                                 published_port, port_, std::set<std::string>{});
  broker_->enqueue(std::move(message), nullptr);
}

// -- sending --------------------------------------------------------------------------

void basp_link::send(envelope what) {
  if (!is_up_.load(std::memory_order_acquire))
    return;
  if (what.frames.size() > envelope_message::max_frames)
    return cut_because("an envelope is too long to be sent");
  proxy_->enqueue(
      caf::make_mailbox_element(port_, caf::message_id{}, {},
                                envelope_message{envelope_message::current_version, what.lane,
                                                 what.load, std::move(what.frames)}),
      nullptr);
}

void basp_link::cut() noexcept {
  cutter_.cut();
}

void basp_link::cut_because(std::string_view reason) noexcept {
  log_event(log_level::warning, "cut the link to a node", {{"peer", peer_}, {"reason", reason}});
  cutter_.cut();
}

// -- receiving, on the multiplexer's thread -------------------------------------------

void basp_link::receive(caf::mailbox_element& message) {
  if (message.mid.is_response())
    receive_answer(message);
  else if (message.content().match_elements<caf::down_msg>())
    receive_down(message.content().get_as<caf::down_msg>(0));
  else if (!has_ended_)
    receive_from_peer(message);
}

void basp_link::receive_down(const caf::down_msg& what) {
  if (what.source != broker_->get()->address())
    cutter_.cut();
  else if (self_ != nullptr)
    finish();
}

// Of the broker, or without a sender, where the broker has ended. No message of another node has
// the broker as its sender; one without a sender can at most end its own link.
void basp_link::receive_answer(caf::mailbox_element& message) {
  if (message.sender != nullptr && message.sender != broker_)
    return cut_because("it has answered a request that there was not");
  auto& content = message.content();
  if (self_ != nullptr)
    return finish();
  if (content.match_elements<caf::node_id, caf::strong_actor_ptr, std::set<std::string>>())
    on_connected(content.get_as<caf::node_id>(0), content.get_as<caf::strong_actor_ptr>(1));
  else
    cutter_.cut();
}

void basp_link::receive_from_peer(caf::mailbox_element& message) {
  auto& content = message.content();
  if (message.sender == nullptr)
    return on_ended("BASP has no route to it: its last link stands, or it has the id of another");
  if (!content.match_elements<envelope_message>())
    return on_ended("a message that nodes do not send");
  auto& what = content.get_mutable_as<envelope_message>(0);
  if (what.version != envelope_message::current_version)
    return on_ended("an envelope of an unknown version");
  // The first envelope of the side that has dialled only tells its address.
  if (proxy_ == nullptr) {
    proxy_ = message.sender;
    return go_up();
  }
  if (message.sender != proxy_)
    return on_ended("a message of another actor");
  owner_->on_envelope({what.lane, what.load, std::move(what.frames)});
}

// BASP answers well, and closes the stream behind that, when it has a route already: so the link is
// up only if the stream still stands when BASP has had its turn.
void basp_link::on_connected(const caf::node_id& peer, caf::strong_actor_ptr proxy) {
  if (peer == system_.node())
    return on_ended("it is this node, or its CAF has the id of this one");
  if (proxy == nullptr)
    return on_ended("it offers no link");
  proxy_ = std::move(proxy);
  system_.middleman().backend().post([self = shared_from_this()] { self->confirm(); });
}

void basp_link::confirm() noexcept {
  if (has_ended_ || side_ != link_side::dialled)
    return;
  detail::contain("the beginning of a link", [this] {
    // Before the owner may send.
    is_up_.store(true, std::memory_order_release);
    send({});
    go_up();
  });
}

void basp_link::go_up() {
  auto& proxy = *proxy_->get();
  proxy.attach(caf::default_attachable::make_monitor(proxy.address(), port_->get()->address()));
  is_up_.store(true, std::memory_order_release);
  owner_->on_up();
  tell_opened({});
}

void basp_link::tell_opened(std::string problem) noexcept {
  if (const auto report = std::exchange(report_, nullptr))
    detail::contain("the report of a link", [&] { report(std::move(problem)); });
}

// -- ending, on the multiplexer's thread ----------------------------------------------

void basp_link::on_ended(std::string reason) noexcept {
  if (std::exchange(has_ended_, true))
    return;
  is_up_.store(false, std::memory_order_relaxed);
  reason_ = std::move(reason);
  if (reason_.empty())
    cutter_.cut();
  else
    cut_because(reason_);
}

// The broker handles its messages in order, so its answer comes behind the end of the stream: the
// route and the proxies are gone then.
void basp_link::on_gone() noexcept {
  on_ended({});
  self_ = shared_from_this();
  if (broker_->get()->getf(caf::abstract_actor::is_terminated_flag))
    return finish();
  detail::contain("the end of a link", [this] {
    broker_->enqueue(
        caf::make_mailbox_element(port_, barrier_request, {}, caf::get_atom_v, system_.node()),
        nullptr);
  });
}

// The broker keeps an actor for each node that it has ever known, until its own end; and a node
// that starts again is a new one.
void basp_link::end_spawn_server() {
  auto& broker = static_cast<caf::io::basp_broker&>(*broker_->get());
  if (proxy_ == nullptr || broker.getf(caf::abstract_actor::is_terminated_flag))
    return;
  const auto server = broker.spawn_servers.find(proxy_->node());
  if (server == broker.spawn_servers.end())
    return;
  caf::anon_send_exit(server->second, caf::exit_reason::kill);
  broker.spawn_servers.erase(server);
}

void basp_link::finish() noexcept {
  const auto self = std::move(self_);
  cutter_.close();
  detail::contain("the end of a link", [this] {
    broker_->get()->detach(caf::default_attachable::observe_token{
        port_->get()->address(), caf::default_attachable::monitor});
    static_cast<port*>(port_->get())->cleanup(caf::exit_reason::normal, nullptr);
    end_spawn_server();
  });
  const auto owner = std::move(owner_);
  owner->on_down();
  tell_opened(reason_.empty() ? problem() : reason_);
}

std::string basp_link::problem() const {
  return proxy_ != nullptr
             ? "BASP has a link to it already, or to another node with the id of its CAF"
             : "it has ended the connection during the BASP handshake";
}

} // namespace sake::actors::nodes
