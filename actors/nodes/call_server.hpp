// The requests of another node that one reactor serves.
#pragma once

#include "../../http/response_port.hpp"
#include "../connection/client_port.hpp"
#include "../reactor/deadline_wheel.hpp"
#include "../reactor/reactor_actor.hpp"
#include "../request/shard.hpp"
#include "arriving_content.hpp"
#include "arriving_message.hpp"
#include "frame.hpp"
#include "lane_output.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sake::actors::nodes {

/// The requests of another node that one reactor serves, over one lane: takes the calls, and the
/// responses of their handlers. Belongs to its reactor.
class call_server final : public reactor_actor, public client_port, private http::response_port {
public:
  /// @param out  must outlive the actor, or `close` be called before
  /// @param max  requests under way at a time that the peer has not called off; it must keep to it
  call_server(caf::actor_config& cfg, actors::reactor& home, shard& own, lane_output& out,
              std::size_t max)
      : reactor_actor(cfg, home), shard_(own), out_(&out), max_(max) {}
  ~call_server() override;

  /// Takes a frame of a request.
  /// @returns false if the peer breaks the rules
  [[nodiscard]] bool on_frame(const frame& what);
  /// Begins nothing more: the other node is told for each request.
  void drain() noexcept { is_draining_ = true; }
  /// The link is down: requests are cancelled.
  void close() noexcept;

  // -- client_port ----------------------------------------------------------------

  [[nodiscard]] http::response_port& responses() noexcept override { return *this; }
  void respond_to(caf::mailbox_element_ptr& asked, http::response&& answer) override;
  void note_refused(std::uint64_t id) noexcept override;
  void fail() noexcept override;

private:
  /// A request, by the number that it has here.
  struct served final : deadline {
    explicit served(call_server& at) noexcept : server(at) {}
    void expired(time_point now) override;

    call_server& server;
    std::uint64_t attempt = 0;
    http::response_observer* by = nullptr;
    bool is_refused = false;
    bool is_cancelled = false;
    /// Its response goes out in pieces, to a request that was not HEAD.
    bool is_streaming = false;
    bool is_head = false;
  };

  void receive(caf::mailbox_element_ptr& message) override;

  [[nodiscard]] bool begin_arrival(const frame& what);
  [[nodiscard]] bool on_piece(const frame& what);
  [[nodiscard]] bool serve(std::uint64_t attempt, std::string_view octets);
  [[nodiscard]] bool on_content(const frame& what);
  void end_content(std::uint64_t attempt, http::content_stream::state how);
  void cancel(std::uint64_t attempt) noexcept;
  void finish(std::uint64_t id, http::response&& answer);
  /// The request is over.
  /// @returns its attempt, if the other node still wants a response
  [[nodiscard]] std::optional<std::uint64_t> remove(std::uint64_t id);
  void on_drained(std::uint64_t id);
  void end_stream(std::uint64_t id, frame_kind last);
  void send(std::uint64_t attempt, http::response&& answer);

  // -- response_port ----------------------------------------------------------------

  void respond(std::uint64_t id, http::response&& answer) override {
    finish(id, std::move(answer));
  }
  void begin_response(std::uint64_t id, http::response head, bool has_length,
                      http::response_observer& by) override;
  http::write_result write(std::uint64_t id, std::string_view octets) override;
  void end_response(std::uint64_t id) override { end_stream(id, frame_kind::response_end); }
  void cut_response(std::uint64_t id, http::response) override {
    end_stream(id, frame_kind::response_cut);
  }
  void observe(std::uint64_t id, http::response_observer* by) noexcept override;
  void limit_time(std::uint64_t id, std::chrono::milliseconds patience) noexcept override;

  shard& shard_;
  /// Null once closed.
  lane_output* out_;
  const std::size_t max_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, served> served_;
  /// Of `served_`, those that are cancelled.
  std::size_t cancelled_ = 0;
  /// By attempt: the keys of `served_`.
  std::unordered_map<std::uint64_t, std::uint64_t> ids_;
  /// By attempt: requests that arrive in pieces.
  std::unordered_map<std::uint64_t, arriving_message> arriving_;
  /// By attempt: content that handlers take as it arrives.
  std::unordered_map<std::uint64_t, arriving_content> contents_;
  bool is_draining_ = false;
};

} // namespace sake::actors::nodes
