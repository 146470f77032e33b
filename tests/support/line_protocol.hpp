// A protocol of lines, for tests of the seam between connection and protocol.
#pragma once

#include <sake/http/access_tracker.hpp>
#include <sake/http/content_stream.hpp>
#include <sake/http/protocol.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::test {

struct line_settings {
  bool reads_while_blocked = false;
  /// Octets of output that may wait for the peer, and as many again in the protocol.
  std::size_t ahead = 100;
  std::size_t max_requests = 4;
  std::chrono::milliseconds request{30'000};
  std::chrono::milliseconds idle{30'000};
};

/// A protocol of lines. Requests have the ids 1, 3, 5, …; responses go out as they come, without
/// regard to the order of requests.
///
///     /path      a request
///     /path <    a request with content: each further line `<text` is a piece, `<` alone is the
///     end ping       no request; gets `pong`
///
///     1 200 text          a response
///     1 200 +, 1 + text   a response in pieces: its head, a piece
///     1 .                 its end
///     1 !                 it was cut
///     refused 503         the last line
class line_protocol final : public http::protocol {
public:
  line_protocol(http::protocol_events& events, const line_settings& chosen);

  std::string_view receive(std::string_view input) override;
  [[nodiscard]] bool reads_while_blocked() const noexcept override {
    return settings_.reads_while_blocked;
  }
  [[nodiscard]] after_input finish_input() override;
  http::protocol_state encode(http::output& out, std::string_view date_line) override;
  void refuse(const http::refusal& why) override;
  [[nodiscard]] http::protocol_state state() const noexcept override;
  void drain() noexcept override { is_draining_ = true; }
  http::time_point rest() override {
    idle_due_ = events_.now() + settings_.idle;
    return due(false);
  }
  void abandon() override;
  [[nodiscard]] ending how_to_end() const noexcept override { return ending::close; }
  [[nodiscard]] http::time_point due(bool is_blocked) noexcept override;
  expiry expire(http::time_point now) override;

  void respond(std::uint64_t id, http::response&& answer) override;
  void begin_response(std::uint64_t id, http::response head, bool has_length,
                      http::response_observer& by) override;
  http::write_result write(std::uint64_t id, std::string_view octets) override;
  void end_response(std::uint64_t id) override;
  void cut_response(std::uint64_t id, http::response instead) override;
  void observe(std::uint64_t id, http::response_observer* by) noexcept override;
  void limit_time(std::uint64_t id, std::chrono::milliseconds patience) noexcept override;

  /// Lines read.
  int lines = 0;
  /// Octets of output that wait in the protocol.
  [[nodiscard]] std::size_t waiting() const noexcept { return output_.size(); }

private:
  struct request_state {
    http::time_point due;
    http::response_observer* by = nullptr;
    int status = 0;
    bool has_begun = false;
    bool is_full = false;
  };

  void take(std::string_view line);
  void begin(std::string_view path, bool has_content);
  /// What observers must know of a line in `output_`. Without a status it belongs to no response.
  struct mark {
    std::uint64_t id = 0;
    int status = 0;
    std::size_t octets = 0;
    std::optional<http::access_outcome> end{};
  };

  void put(std::string line, mark what);
  void end(std::uint64_t id, std::string line,
           http::access_outcome outcome = http::access_outcome::sent);
  void note_output(std::size_t ahead);

  http::protocol_events& events_;
  http::access_tracker* access_;
  line_settings settings_;
  std::map<std::uint64_t, request_state> requests_;
  std::shared_ptr<http::content_stream> content_;
  std::string output_;
  std::vector<mark> marks_;
  std::uint64_t last_id_ = 0;
  http::time_point idle_due_;
  bool is_receiving_ = false;
  bool input_done_ = false;
  bool is_draining_ = false;
};

} // namespace sake::test
