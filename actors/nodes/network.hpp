// Links to other nodes: the seam between the logic of nodes and the transport of octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sake::actors::nodes {

/// Frames that travel together over a link, with the load of the sender.
struct envelope {
  /// The pair of reactors that exchange these frames: `lane` modulo the number of reactors of each
  /// node. Frames of one lane arrive in the order in which one thread has sent them.
  std::uint16_t lane = 0;
  /// Tasks queued or running on the pools of the sender.
  std::uint32_t load = 0;
  /// Frames, one behind the other, as `frame_writer` wrote them.
  std::string frames;
};

/// A stream of envelopes to one other node. Safe from any thread.
class link {
public:
  link() = default;
  link(const link&) = delete;
  link& operator=(const link&) = delete;
  virtual ~link() = default;

  /// Sends an envelope. Never blocks. Holds octets that the peer has not read: callers limit them.
  /// Does nothing before `link_owner::on_up`, and once the link is down.
  virtual void send(envelope what) = 0;

  /// Ends the link at once. `link_owner::on_down` follows, unless it has come already.
  virtual void cut() noexcept = 0;
};

/// Hears of one link, from any thread; calls are quick and do not throw.
class link_owner {
public:
  /// Envelopes may be sent from now on. Once.
  virtual void on_up() noexcept = 0;
  /// Never before `on_up`, never after `on_down`, and one call at a time.
  virtual void on_envelope(envelope what) noexcept = 0;
  /// The link has ended, be it before it was up. Once, the last call.
  virtual void on_down() noexcept = 0;

protected:
  ~link_owner() = default;
};

/// The answer to a node that has introduced itself.
struct verdict {
  /// Takes the link; null: refused. Hears `on_down` at the end in any case, even if the link is
  /// never made.
  std::shared_ptr<link_owner> owner;
  /// Why it is refused: one line, which the other node is told.
  std::string reason;
};

/// Decides which nodes get a link. On the reactor of the network.
class network_host {
public:
  /// How this node introduces itself, at most `max_introduction` octets.
  [[nodiscard]] virtual std::string introduce() = 0;

  /// Another node has dialled this one and introduced itself.
  /// @param from  its address, for the log
  [[nodiscard]] virtual verdict judge(std::string_view introduction, std::string_view from) = 0;
  /// The link that `judge` has admitted; its owner may hear of it already.
  virtual void on_accepted(std::shared_ptr<link> made,
                           const std::shared_ptr<link_owner>& owner) = 0;

protected:
  ~network_host() = default;
};

/// The most octets with which a node introduces itself.
inline constexpr std::size_t max_introduction = 64 * 1024;

/// Hears how one attempt to dial a node ends. On the reactor of the network.
class dial_listener {
public:
  /// The node has introduced itself.
  [[nodiscard]] virtual verdict judge(std::string_view introduction) = 0;
  /// The link that `judge` has admitted.
  virtual void on_dialled(std::shared_ptr<link> made) = 0;
  /// There is no link: the reason in one line. `judge` may have been called.
  /// @param is_refused  the other node has said why
  virtual void on_failed(std::string reason, bool is_refused) = 0;

protected:
  ~dial_listener() = default;
};

/// Makes links. Belongs to one reactor.
class network {
public:
  network() = default;
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  virtual ~network() = default;

  /// Accepts nodes from now on. The host must outlive the network.
  virtual void listen(network_host& host) = 0;
  /// Accepts no further node. Links stay.
  virtual void stop_listening() noexcept = 0;

  /// Connects to the node at `address`, and introduces this node: `by` hears of the end within the
  /// time that a dial may take.
  /// @param address  numeric, host:port, with `name/` in front if the certificate is for a name
  virtual void dial(std::string_view address, std::string introduction,
                    std::shared_ptr<dial_listener> by) = 0;

  /// Ends dials and handshakes under way without a call. Links stay.
  virtual void close() noexcept = 0;
};

} // namespace sake::actors::nodes
