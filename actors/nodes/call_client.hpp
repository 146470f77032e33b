// The requests that one reactor has given to another node.
#pragma once

#include "../../http/content_stream.hpp"
#include "../request/node_dispatcher.hpp"
#include "arriving_content.hpp"
#include "arriving_message.hpp"
#include "frame.hpp"
#include "lane_output.hpp"
#include "peer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sake::actors::nodes {

/// The requests that one reactor has given to another node, over one lane. Belongs to its reactor.
class call_client {
public:
  /// Finds another place for a request.
  class placer {
  public:
    /// The node of `who` is lost, and has not begun it or it may run again.
    virtual void place_again(remote_run& who) = 0;
    /// `by` has not begun `who`, and will not.
    virtual void on_refused(remote_run& who, const peer& by) = 0;
    /// A request has left the node, which may take another.
    virtual void on_room() = 0;

  protected:
    ~placer() = default;
  };

  /// The references must outlive this object.
  call_client(placer& by, lane_output& out, const routing::route_map& routes) noexcept
      : placer_(by), out_(out), routes_(routes) {}
  call_client(const call_client&) = delete;
  call_client& operator=(const call_client&) = delete;

  /// Sends the work of `who`, which has a place at `with`, as `attempt`. Throws what
  /// `remote_run::caller::remote_work` does: then the place is given back.
  void begin(remote_run& who, std::uint64_t attempt, peer& with);
  /// The response to `attempt` is not wanted any more.
  void call_off(std::uint64_t attempt) noexcept;

  /// Takes a frame that answers an attempt. A late one is ignored.
  /// @returns false if the peer breaks the rules
  [[nodiscard]] bool on_frame(const frame& what);

  /// The link is down: requests that may run again are placed again, the others are lost.
  void on_down() noexcept;

private:
  struct under_way {
    under_way(remote_run& by, peer& at, time_point now) noexcept
        : who(&by), with(&at), begun(now) {}

    remote_run* who;
    peer* with;
    time_point begun;
    /// A response that arrives in pieces.
    arriving_message arriving;
    /// The content of a response that its handler writes piece by piece.
    std::optional<arriving_content> content;
    /// The content of a request whose handler takes it as it arrives; `is_taken`: some has been
    /// sent.
    std::shared_ptr<http::content_stream> upload;
    bool is_taken = false;
  };
  using attempts = std::unordered_map<std::uint64_t, under_way>;

  [[nodiscard]] bool on_response(attempts::iterator at, std::string_view octets);
  [[nodiscard]] bool on_piece(attempts::iterator at, std::string_view octets);
  void on_not_begun(attempts::iterator at);
  [[nodiscard]] bool on_open(attempts::iterator at, std::string_view octets);
  [[nodiscard]] bool on_content(attempts::iterator at, std::string_view octets);
  void give_room(std::uint64_t attempt);
  void on_request_room(attempts::iterator at, std::size_t octets);
  void send_content(std::uint64_t attempt);
  void end_content(attempts::iterator at, http::content_stream::state how);
  remote_run& take(attempts::iterator at) noexcept;

  placer& placer_;
  lane_output& out_;
  const routing::route_map& routes_;
  attempts attempts_;
};

} // namespace sake::actors::nodes
